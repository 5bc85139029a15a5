import { PermanentError } from '../../core/errors.js';
import { type CabinetInput, type CabinetRow, packBlocks } from './blocks.js';
import { checkMemberNames } from './names.js';
import { ATTRIBUTE, CAB, COMPRESSION, FLAG, toDosTime } from './structure.js';

/** Random-access output: data is written first, the header, which needs the total, last. `bytes` stays unchanged. */
export interface CabinetSink {
  write(bytes: Uint8Array, position: number): void;
}

/**
 * Members that are compressed together. `packed` gives what `packBlocks` once made of them: blocks know nothing of their
 * place, so they are copied as they are.
 */
export type CabinetFolderInput =
  | { readonly members: readonly CabinetInput[] }
  | { readonly members: readonly CabinetRow[]; packed(): Iterable<Uint8Array> };

/**
 * Writes one cabinet: folders of MSZIP blocks with history, members in the order given, fixed times. The same input
 * gives the same bytes. With `signatureReserve` the header has the 20 bytes of an Authenticode signature, zero until
 * it is signed, so that signing moves nothing.
 * Throws PermanentError `cabinet.limit` before the first byte is written where a limit is known to be passed.
 */
export function writeCabinetTo(
  sink: CabinetSink,
  folders: readonly CabinetFolderInput[],
  options: { readonly signatureReserve: boolean },
): { readonly sizeBytes: number } {
  const members = folders.flatMap((folder): readonly CabinetRow[] => folder.members);
  checkLimits(members, folders);
  const filesOffset =
    CAB.headerBytes +
    (options.signatureReserve ? CAB.reserveSizesBytes + CAB.signatureReserveBytes : 0) +
    folders.length * CAB.folderBytes;
  const files = fileTable(folders);

  let position = filesOffset + files.length;
  const folderTable = Buffer.alloc(folders.length * CAB.folderBytes);
  folders.forEach((folder, index) => {
    const at = index * CAB.folderBytes;
    folderTable.writeUInt32LE(position, at);
    folderTable.writeUInt16LE(Math.ceil(plainBytes(folder) / CAB.blockBytes), at + 4);
    folderTable.writeUInt16LE(COMPRESSION.msZip, at + 6);
    for (const piece of 'packed' in folder ? folder.packed() : packBlocks(folder.members)) {
      checkCabinetSize(position + piece.length);
      sink.write(piece, position);
      position += piece.length;
    }
  });

  const head = header({
    sizeBytes: position,
    filesOffset,
    folders: folders.length,
    members: members.length,
    signatureReserve: options.signatureReserve,
  });
  sink.write(Buffer.concat([head, folderTable, files]), 0);
  return { sizeBytes: position };
}

function checkLimits(members: readonly CabinetRow[], folders: readonly CabinetFolderInput[]): void {
  if (members.length === 0) throw limit('a cabinet needs a member', '1 or more', '0');
  checkCounts({ members: members.length, folders: folders.length });
  checkMemberNames(members.map((member) => member.name));
  for (const { name, sizeBytes } of members) {
    if (sizeBytes > CAB.maxFolderBytes) {
      throw limit('a member is too large', `at most ${CAB.maxFolderBytes} bytes`, `${sizeBytes} bytes`, name);
    }
  }
  for (const total of folders.map(plainBytes)) {
    if (total <= CAB.maxFolderBytes) continue;
    throw limit(
      'the members are too large together',
      `at most ${CAB.maxFolderBytes} bytes`,
      `${total} bytes`,
    );
  }
}

/** PermanentError `cabinet.limit`: the u2 fields of the header count no more than 65,535. */
export function checkCounts(counts: { readonly members: number; readonly folders: number }): void {
  if (counts.members > CAB.maxMembers) {
    throw limit('too many members', `at most ${CAB.maxMembers}`, String(counts.members));
  }
  if (counts.folders > CAB.maxFolders) {
    throw limit('too many folders', `at most ${CAB.maxFolders}`, String(counts.folders));
  }
}

function plainBytes({ members }: CabinetFolderInput): number {
  return (members as readonly CabinetRow[]).reduce((sum, member) => sum + member.sizeBytes, 0);
}

function checkCabinetSize(sizeBytes: number): void {
  if (sizeBytes <= CAB.maxCabinetBytes) return;
  throw limit(
    'the cabinet becomes too large',
    `at most ${CAB.maxCabinetBytes} bytes`,
    `${sizeBytes} bytes or more`,
  );
}

/** CFFILE rows [MS-CAB] 2.4, by folder and offset. */
function fileTable(folders: readonly CabinetFolderInput[]): Buffer {
  const rows = folders.flatMap((folder, folderIndex) => {
    let offset = 0;
    return (folder.members as readonly CabinetRow[]).map((member) => {
      const name = Buffer.from(`${member.name}\0`, 'utf8');
      const ascii = name.length === member.name.length + 1;
      const { date, time } = toDosTime(new Date(member.modified));
      const row = Buffer.alloc(CAB.fileBytes);
      row.writeUInt32LE(member.sizeBytes, 0);
      row.writeUInt32LE(offset, 4);
      row.writeUInt16LE(folderIndex, 8);
      row.writeUInt16LE(date, 10);
      row.writeUInt16LE(time, 12);
      row.writeUInt16LE(ATTRIBUTE.archive | (ascii ? 0 : ATTRIBUTE.utf8Name), 14);
      offset += member.sizeBytes;
      return Buffer.concat([row, name]);
    });
  });
  return Buffer.concat(rows);
}

interface HeaderFacts {
  readonly sizeBytes: number;
  readonly filesOffset: number;
  readonly folders: number;
  readonly members: number;
  readonly signatureReserve: boolean;
}

/** CFHEADER [MS-CAB] 2.1. */
function header(facts: HeaderFacts): Buffer {
  const reserve = facts.signatureReserve ? CAB.reserveSizesBytes + CAB.signatureReserveBytes : 0;
  const bytes = Buffer.alloc(CAB.headerBytes + reserve);
  bytes.write('MSCF', 0, 'latin1');
  bytes.writeUInt32LE(facts.sizeBytes, 8);
  bytes.writeUInt32LE(facts.filesOffset, 16);
  bytes.writeUInt8(3, 24);
  bytes.writeUInt8(1, 25);
  bytes.writeUInt16LE(facts.folders, 26);
  bytes.writeUInt16LE(facts.members, 28);
  bytes.writeUInt16LE(facts.signatureReserve ? FLAG.reserve : 0, 30);
  if (facts.signatureReserve) bytes.writeUInt16LE(CAB.signatureReserveBytes, 36);
  return bytes;
}

function limit(message: string, expected: string, found: string, where?: string): PermanentError {
  return new PermanentError('cabinet.limit', message, {
    expected,
    found,
    ...(where === undefined ? {} : { where }),
    nextStep: 'split the package, or ship a smaller installer',
  });
}

import { PermanentError } from '../../core/errors.js';
import { packMsZipBlock } from './mszip.js';
import { checkMemberNames } from './names.js';
import { ATTRIBUTE, blockChecksum, CAB, COMPRESSION, FLAG, toDosTime } from './structure.js';

/** A member whose size is known before its bytes are read: the tables stand in front of the data. */
export interface CabinetInput {
  readonly name: string;
  /** ISO 8601. */
  readonly modified: string;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes` bytes, in pieces of any size. */
  pieces(): Iterable<Uint8Array>;
}

/** Random-access output: data is written first, the header, which needs the total, last. `bytes` stays unchanged. */
export interface CabinetSink {
  write(bytes: Uint8Array, position: number): void;
}

interface PlannedFolder {
  readonly members: readonly CabinetInput[];
  readonly sizeBytes: number;
}

/**
 * Writes one cabinet: a folder of MSZIP blocks with history, members in the order given, fixed times. The same input
 * gives the same bytes. With `signatureReserve` the header has the 20 bytes of an Authenticode signature, zero until
 * it is signed, so that signing moves nothing.
 * Throws PermanentError `cabinet.limit` before the first byte is written where a limit is known to be passed.
 */
export function writeCabinetTo(
  sink: CabinetSink,
  members: readonly CabinetInput[],
  options: { readonly signatureReserve: boolean },
): { readonly sizeBytes: number } {
  checkLimits(members);
  const folders = planFolders(members);
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
    folderTable.writeUInt16LE(Math.ceil(folder.sizeBytes / CAB.blockBytes), at + 4);
    folderTable.writeUInt16LE(COMPRESSION.msZip, at + 6);
    for (const piece of dataBlocks(folder)) {
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

function checkLimits(members: readonly CabinetInput[]): void {
  if (members.length === 0) throw limit('a cabinet needs a member', '1 or more', '0');
  if (members.length > CAB.maxMembers) {
    throw limit('too many members', `at most ${CAB.maxMembers}`, String(members.length));
  }
  checkMemberNames(members.map((member) => member.name));
  for (const { name, sizeBytes } of members) {
    if (sizeBytes > CAB.maxFolderBytes) {
      throw limit('a member is too large', `at most ${CAB.maxFolderBytes} bytes`, `${sizeBytes} bytes`, name);
    }
  }
  const total = members.reduce((sum, member) => sum + member.sizeBytes, 0);
  if (total > CAB.maxFolderBytes) {
    throw limit(
      'the members are too large together',
      `at most ${CAB.maxFolderBytes} bytes`,
      `${total} bytes`,
    );
  }
}

/** One folder: compression sees everything, and more folders would not lift the limit of a cabinet. */
function planFolders(members: readonly CabinetInput[]): readonly PlannedFolder[] {
  return [{ members, sizeBytes: members.reduce((sum, member) => sum + member.sizeBytes, 0) }];
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
function fileTable(folders: readonly PlannedFolder[]): Buffer {
  const rows = folders.flatMap((folder, folderIndex) => {
    let offset = 0;
    return folder.members.map((member) => {
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

/** CFDATA [MS-CAB] 2.6, header and data in turn: every block but the last is full, and blocks ignore where a member ends. */
function* dataBlocks(folder: PlannedFolder): Generator<Buffer> {
  let history: Buffer = Buffer.alloc(0);
  for (const plain of fullBlocks(folder.members)) {
    const packed = packMsZipBlock(plain, history);
    const head = Buffer.alloc(CAB.dataBytes);
    head.writeUInt32LE(blockChecksum(packed, plain.length), 0);
    head.writeUInt16LE(packed.length, 4);
    head.writeUInt16LE(plain.length, 6);
    yield head;
    yield packed;
    history = plain;
  }
}

function* fullBlocks(members: readonly CabinetInput[]): Generator<Buffer> {
  let block = Buffer.allocUnsafe(CAB.blockBytes);
  let filled = 0;
  for (const member of members) {
    let left = member.sizeBytes;
    for (const piece of member.pieces()) {
      left -= piece.length;
      if (left < 0) break;
      for (let taken = 0; taken < piece.length; ) {
        const part = piece.subarray(taken, taken + CAB.blockBytes - filled);
        block.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled === CAB.blockBytes) {
          yield block;
          block = Buffer.allocUnsafe(CAB.blockBytes);
          filled = 0;
        }
      }
    }
    if (left !== 0) throw changedMember(member, left);
  }
  if (filled > 0) yield block.subarray(0, filled);
}

function changedMember(member: CabinetInput, left: number): PermanentError {
  return new PermanentError('content.corrupt', 'a member has another size than it had before', {
    where: member.name,
    expected: `${member.sizeBytes} bytes`,
    found: left > 0 ? `${member.sizeBytes - left} bytes` : 'more',
    nextStep: 'something changes the file while it is packed: find out what',
  });
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

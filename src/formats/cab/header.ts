import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { readExactly } from '../byte-reader.js';
import { ATTRIBUTE, CAB, COMPRESSION, FLAG, fromDosTime } from './structure.js';

export interface CabinetEntry {
  /** As stored, separators included. Untrusted: never a path of ours. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly folder: number;
  /** Where it starts in the plain text of its folder. */
  readonly offset: number;
  /** ISO 8601 without a zone, or null where the stored time is none. */
  readonly modified: string | null;
  readonly attributes: number;
}

export interface CabinetFolder {
  readonly firstBlock: number;
  readonly blocks: number;
  readonly compression: 'none' | 'mszip' | 'lzx';
  /** Of LZX: 15 to 21. */
  readonly windowBits: number;
}

export interface CabinetHeader {
  /** cbCabinet: the cabinet without an appended signature. */
  readonly sizeBytes: number;
  readonly setId: number;
  readonly folders: readonly CabinetFolder[];
  readonly members: readonly CabinetEntry[];
  /** Where the tables end: no data block may start before. */
  readonly tablesEnd: number;
  readonly headerReserve: Buffer;
  readonly blockReserveBytes: number;
}

/** The tables of a cabinet, every offset checked. PermanentError `cabinet.malformed`. */
export function readCabinetHeader(source: ByteSource): CabinetHeader {
  const head = read(source, 0, CAB.headerBytes, 'the header');
  if (head.toString('latin1', 0, 4) !== 'MSCF') {
    throw malformed('not a cabinet', 'MSCF', JSON.stringify(head.toString('latin1', 0, 4)));
  }
  if (head.readUInt8(25) !== 1) throw malformed('unknown version', '1.x', `${head.readUInt8(25)}.x`);
  const sizeBytes = head.readUInt32LE(8);
  if (sizeBytes > source.sizeBytes) {
    throw malformed('the cabinet is cut off', `${sizeBytes} bytes`, `${source.sizeBytes} bytes`);
  }
  const flags = head.readUInt16LE(30);
  if ((flags & (FLAG.previous | FLAG.next)) !== 0) {
    throw malformed('a part of a set of cabinets', 'a cabinet by itself', `flags ${flags}`);
  }
  const reserve = readReserve(source, flags);
  const foldersAt = CAB.headerBytes + reserve.tableBytes;
  const folderBytes = CAB.folderBytes + reserve.folderBytes;
  const folderCount = head.readUInt16LE(26);
  const folderTable = read(source, foldersAt, folderCount * folderBytes, 'the folder table');
  const filesAt = head.readUInt32LE(16);
  if (filesAt < foldersAt + folderTable.length || filesAt > sizeBytes) {
    throw malformed(
      'the file table overlaps another',
      `${foldersAt + folderTable.length} or more`,
      `${filesAt}`,
    );
  }
  const files = readFiles(source, filesAt, sizeBytes, head.readUInt16LE(28));
  const folders = Array.from({ length: folderCount }, (_, index) =>
    readFolder(folderTable.subarray(index * folderBytes)),
  );
  checkPlaces(files.members, folders);
  return {
    sizeBytes,
    setId: head.readUInt16LE(32),
    folders,
    members: files.members,
    tablesEnd: files.end,
    headerReserve: reserve.header,
    blockReserveBytes: reserve.blockBytes,
  };
}

function readReserve(source: ByteSource, flags: number) {
  if ((flags & FLAG.reserve) === 0) {
    return { tableBytes: 0, header: Buffer.alloc(0), folderBytes: 0, blockBytes: 0 };
  }
  const sizes = read(source, CAB.headerBytes, CAB.reserveSizesBytes, 'the reserve sizes');
  const headerBytes = sizes.readUInt16LE(0);
  if (headerBytes > 60000)
    throw malformed('the reserve is too large', 'at most 60000 bytes', `${headerBytes}`);
  const at = CAB.headerBytes + CAB.reserveSizesBytes;
  return {
    tableBytes: CAB.reserveSizesBytes + headerBytes,
    header: read(source, at, headerBytes, 'the reserve'),
    folderBytes: sizes.readUInt8(2),
    blockBytes: sizes.readUInt8(3),
  };
}

function readFolder(row: Buffer): CabinetFolder {
  const type = row.readUInt16LE(6);
  const compression = {
    [COMPRESSION.none]: 'none',
    [COMPRESSION.msZip]: 'mszip',
    [COMPRESSION.lzx]: 'lzx',
  } as const;
  const known = compression[(type & 0x0f) as keyof typeof compression];
  if (known === undefined) {
    throw new PermanentError('cabinet.unsupported', 'the cabinet is compressed in another way', {
      expected: 'MSZIP, LZX or none',
      found: `type 0x${type.toString(16)} (2 is Quantum)`,
      nextStep: 'unpack it with another program',
    });
  }
  return {
    firstBlock: row.readUInt32LE(0),
    blocks: row.readUInt16LE(4),
    compression: known,
    windowBits: (type >>> 8) & 0x1f,
  };
}

function readFiles(source: ByteSource, at: number, cabinetBytes: number, count: number) {
  const members: CabinetEntry[] = [];
  // The table's length is known only by walking it, so it is read once, as long as it can at most be.
  const most = Math.min(cabinetBytes - at, count * (CAB.fileBytes + CAB.maxNameBytes + 1));
  const table = read(source, at, most, 'the file table');
  let position = 0;
  for (let index = 0; index < count; index += 1) {
    const nameAt = position + CAB.fileBytes;
    const nameEnd = nameAt < table.length ? table.indexOf(0, nameAt) : -1;
    if (nameEnd < 0 || nameEnd - nameAt > CAB.maxNameBytes || nameEnd === nameAt) {
      throw malformed('a name has no end', `1 to ${CAB.maxNameBytes} bytes and a zero`, `file ${index}`);
    }
    const attributes = table.readUInt16LE(position + 14);
    const encoding = (attributes & ATTRIBUTE.utf8Name) === 0 ? 'latin1' : 'utf8';
    members.push({
      name: table.toString(encoding, nameAt, nameEnd),
      sizeBytes: table.readUInt32LE(position),
      offset: table.readUInt32LE(position + 4),
      folder: table.readUInt16LE(position + 8),
      modified: fromDosTime(table.readUInt16LE(position + 10), table.readUInt16LE(position + 12)),
      attributes,
    });
    position = nameEnd + 1;
  }
  return { members, end: at + position };
}

function checkPlaces(members: readonly CabinetEntry[], folders: readonly CabinetFolder[]): void {
  for (const member of members) {
    const folder = folders[member.folder];
    if (folder === undefined) {
      throw malformed('a file names no folder here', `below ${folders.length}`, `${member.folder}`);
    }
    if (member.offset + member.sizeBytes > folder.blocks * CAB.blockBytes) {
      throw malformed(
        'a file is longer than its folder',
        `at most ${folder.blocks * CAB.blockBytes} bytes`,
        `${member.offset + member.sizeBytes}`,
      );
    }
  }
}

function read(source: ByteSource, position: number, length: number, what: string): Buffer {
  return readExactly(source, position, length, 'cabinet.malformed', what);
}

export function malformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('cabinet.malformed', message, {
    expected,
    found,
    nextStep: 'fetch the cabinet again; it may be damaged or hostile',
  });
}

import { malformed } from './header.js';

const ENTRY_BYTES = 128;
const NO_STREAM = 0xffffffff;
/** Microsoft's own writers nest two or three deep (a patch in a patch). */
const MAX_DEPTH = 32;

/** One row of the directory, [MS-CFB] 2.6.1, with the raw fields that the extended MSI digest covers. */
export interface DirectoryEntry {
  readonly kind: 'root' | 'storage' | 'stream';
  /** UTF-16LE without the final zero. */
  readonly nameBytes: Buffer;
  readonly name: string;
  /** 16 raw bytes. */
  readonly clsidBytes: Buffer;
  readonly stateBits: Buffer;
  readonly createdBytes: Buffer;
  readonly modifiedBytes: Buffer;
  readonly firstSector: number;
  readonly sizeBytes: number;
  /** Of a storage, in the order of the sibling tree. */
  readonly children: readonly DirectoryEntry[];
}

const KIND = { 1: 'storage', 2: 'stream', 5: 'root' } as const;

/** The tree from the root; every row is used at most once, so circles and shared children are faults. */
export function readDirectory(table: Buffer, majorVersion: 3 | 4): DirectoryEntry {
  const used = new Set<number>();
  const rows = Math.floor(table.length / ENTRY_BYTES);

  const readEntry = (id: number, depth: number): { entry: DirectoryEntry; left: number; right: number } => {
    if (id >= rows) throw malformed('a directory entry is missing', `below ${rows}`, `${id}`);
    if (used.has(id))
      throw malformed('the directory runs in a circle', 'each entry once', `entry ${id} again`);
    used.add(id);
    const row = table.subarray(id * ENTRY_BYTES, (id + 1) * ENTRY_BYTES);
    const kind = KIND[row.readUInt8(66) as keyof typeof KIND];
    if (kind === undefined || (kind === 'root') !== (id === 0)) {
      throw malformed(
        'a directory entry of an unknown kind',
        '1, 2, or 5 for the first',
        `${row.readUInt8(66)}`,
      );
    }
    const child = row.readUInt32LE(76);
    const children = kind === 'stream' || child === NO_STREAM ? [] : readSiblings(child, depth + 1);
    return {
      entry: { kind, ...readFields(row, majorVersion), children },
      left: row.readUInt32LE(68),
      right: row.readUInt32LE(72),
    };
  };

  /** The sibling tree of one storage without recursion: a hostile one may be a list of a million. */
  const readSiblings = (first: number, depth: number): DirectoryEntry[] => {
    if (depth > MAX_DEPTH) throw malformed('storages are nested too deep', `at most ${MAX_DEPTH}`, 'more');
    const found: DirectoryEntry[] = [];
    const waiting = [first];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const { entry, left, right } = readEntry(id, depth);
      found.push(entry);
      if (left !== NO_STREAM) waiting.push(left);
      if (right !== NO_STREAM) waiting.push(right);
    }
    // Which of two equal names a reader takes is its own affair, so a signature could cover the other one.
    if (new Set(found.map((entry) => entry.name)).size !== found.length) {
      throw malformed('two directory entries have one name', 'names that differ', 'equal names');
    }
    return found;
  };

  if (rows === 0) throw malformed('the directory is empty', 'a root entry', 'nothing');
  return readEntry(0, 0).entry;
}

function readFields(row: Buffer, majorVersion: 3 | 4) {
  const nameLength = row.readUInt16LE(64);
  if (nameLength < 2 || nameLength > 64 || nameLength % 2 !== 0) {
    throw malformed('a directory entry has a wrong name', '2 to 64 bytes', `${nameLength}`);
  }
  const nameBytes = row.subarray(0, nameLength - 2);
  // Version 3 may have garbage in the upper half [MS-CFB] 2.6.3.
  const high = majorVersion === 3 ? 0 : row.readUInt32LE(124);
  const sizeBytes = high * 0x1_0000_0000 + row.readUInt32LE(120);
  if (!Number.isSafeInteger(sizeBytes))
    throw malformed('a stream is too large', '2^53 bytes', `${sizeBytes}`);
  return {
    nameBytes,
    name: nameBytes.toString('utf16le'),
    clsidBytes: row.subarray(80, 96),
    stateBits: row.subarray(96, 100),
    createdBytes: row.subarray(100, 108),
    modifiedBytes: row.subarray(108, 116),
    firstSector: row.readUInt32LE(116),
    sizeBytes,
  };
}

/** `{000C1084-0000-0000-C000-000000000046}` in upper case. */
export function formatGuid(bytes: Buffer): string {
  const hex = (start: number, end: number): string => bytes.toString('hex', start, end);
  const [a, b, c] = [bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6)];
  const head = [
    a.toString(16).padStart(8, '0'),
    b.toString(16).padStart(4, '0'),
    c.toString(16).padStart(4, '0'),
  ];
  return `{${[...head, hex(8, 10), hex(10, 16)].join('-')}}`.toUpperCase();
}

import { CFB_MAGIC, END_OF_CHAIN, FREE_SECTOR } from '../../formats/cfb/header.js';

/** A stream in the root storage; the name as it stands in the directory. */
export interface StreamFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const SECTOR_BYTES = 512;
const MINI_SECTOR_BYTES = 64;
const MINI_CUTOFF_BYTES = 4096;
const ENTRY_BYTES = 128;
const ENTRIES_PER_SECTOR = SECTOR_BYTES / 4;
const DIFAT_IN_HEADER = 109;
const FAT_SECTOR = 0xfffffffd;
const NO_STREAM = 0xffffffff;
const KIND = { stream: 2, root: 5 } as const;
const BLACK = 1;

interface Placed {
  readonly firstSector: number;
  readonly sizeBytes: number;
}

/**
 * A compound file of version 3 [MS-CFB] with streams in its root alone, of the class id given (16 raw bytes). No times:
 * the same streams give the same file. For up to 7 MB: the table of sectors must fit into the header.
 */
export function writeCompoundFile(classId: Buffer, streams: readonly StreamFile[]): Buffer {
  const sorted = [...streams].sort(byDirectoryOrder);
  const isMini = ({ bytes }: StreamFile) => bytes.length > 0 && bytes.length < MINI_CUTOFF_BYTES;
  const mini = chainUp(sorted.filter(isMini), MINI_SECTOR_BYTES);
  const miniStream = { name: 'mini stream', bytes: mini.content };
  const miniFat = { name: 'mini FAT', bytes: padded(mini.fat, SECTOR_BYTES, FREE_SECTOR) };
  const large = sorted.filter((stream) => stream.bytes.length >= MINI_CUTOFF_BYTES);
  const directoryBytes = roundUp((sorted.length + 1) * ENTRY_BYTES, SECTOR_BYTES);
  const directory = { name: 'directory', bytes: Buffer.alloc(directoryBytes) };
  // osslsigncode refuses a directory in sector 0.
  const sectors = chainUp([miniFat, directory, miniStream, ...large], SECTOR_BYTES);
  const placeOf = (stream: StreamFile): Placed => mini.places.get(stream) ?? placeIn(sectors.places, stream);
  const rows = [
    directoryRow('Root Entry', KIND.root, placeOf(miniStream), {
      classId,
      child: middleOf(0, sorted.length),
    }),
    ...sorted.map((stream, at) =>
      directoryRow(stream.name, KIND.stream, placeOf(stream), siblings(sorted.length, at)),
    ),
  ];
  while (rows.length * ENTRY_BYTES < directoryBytes) rows.push(emptyRow());
  Buffer.concat(rows).copy(sectors.content, placeOf(directory).firstSector * SECTOR_BYTES);
  const { header, fat } = headerAndFat(sectors.fat, {
    directory: placeOf(directory),
    miniFat: placeOf(miniFat),
  });
  return Buffer.concat([header, sectors.content, fat]);
}

/** [MS-CFB] 2.6.4: the shorter name first, then by upper case. */
function byDirectoryOrder({ name: a }: StreamFile, { name: b }: StreamFile): number {
  if (a.length !== b.length) return a.length - b.length;
  return a.toUpperCase() < b.toUpperCase() ? -1 : 1;
}

interface Chained {
  /** Every stream from a sector's start. */
  readonly content: Buffer;
  /** u4 per sector: the one that follows it. */
  readonly fat: Buffer;
  readonly places: ReadonlyMap<StreamFile, Placed>;
}

function chainUp(streams: readonly StreamFile[], sectorBytes: number): Chained {
  const places = new Map<StreamFile, Placed>();
  const next: number[] = [];
  for (const stream of streams) {
    const count = Math.ceil(stream.bytes.length / sectorBytes);
    places.set(stream, {
      firstSector: count === 0 ? END_OF_CHAIN : next.length,
      sizeBytes: stream.bytes.length,
    });
    for (let left = count; left > 0; left -= 1) next.push(left === 1 ? END_OF_CHAIN : next.length + 1);
  }
  return {
    content: Buffer.concat(streams.map(({ bytes }) => padded(bytes, sectorBytes, 0))),
    fat: Buffer.concat(next.map(u4)),
    places,
  };
}

function placeIn(places: ReadonlyMap<StreamFile, Placed>, stream: StreamFile): Placed {
  return places.get(stream) ?? { firstSector: END_OF_CHAIN, sizeBytes: 0 };
}

/** The table of sectors follows the content and counts its own sectors too. */
function headerAndFat(
  used: Buffer,
  { directory, miniFat }: { readonly directory: Placed; readonly miniFat: Placed },
): { readonly header: Buffer; readonly fat: Buffer } {
  const contentSectors = used.length / 4;
  const fatSectors = Math.ceil(contentSectors / (ENTRIES_PER_SECTOR - 1));
  if (fatSectors > DIFAT_IN_HEADER)
    throw new Error(`a compound file of ${contentSectors} sectors is too large here`);
  const own = Array.from({ length: fatSectors }, () => u4(FAT_SECTOR));
  const fat = padded(Buffer.concat([used, ...own]), SECTOR_BYTES, FREE_SECTOR);
  const header = Buffer.alloc(SECTOR_BYTES, 0);
  CFB_MAGIC.copy(header);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(fatSectors, 44);
  header.writeUInt32LE(directory.firstSector, 48);
  header.writeUInt32LE(MINI_CUTOFF_BYTES, 56);
  header.writeUInt32LE(miniFat.firstSector, 60);
  header.writeUInt32LE(miniFat.sizeBytes / SECTOR_BYTES, 64);
  header.writeUInt32LE(END_OF_CHAIN, 68);
  for (let index = 0; index < DIFAT_IN_HEADER; index += 1) {
    header.writeUInt32LE(index < fatSectors ? contentSectors + index : FREE_SECTOR, 76 + index * 4);
  }
  return { header, fat };
}

interface Links {
  readonly classId?: Buffer;
  readonly left?: number;
  readonly right?: number;
  readonly child?: number;
}

function directoryRow(name: string, kind: number, place: Placed, links: Links): Buffer {
  const row = emptyRow();
  row.write(name, 0, 'utf16le');
  row.writeUInt16LE((name.length + 1) * 2, 64);
  row.writeUInt8(kind, 66);
  row.writeUInt8(BLACK, 67);
  row.writeUInt32LE(links.left ?? NO_STREAM, 68);
  row.writeUInt32LE(links.right ?? NO_STREAM, 72);
  row.writeUInt32LE(links.child ?? NO_STREAM, 76);
  links.classId?.copy(row, 80);
  row.writeUInt32LE(place.firstSector, 116);
  row.writeUInt32LE(place.sizeBytes, 120);
  return row;
}

/** [MS-CFB] 2.6.3: an entry that is not in use. */
function emptyRow(): Buffer {
  const row = Buffer.alloc(ENTRY_BYTES);
  for (const at of [68, 72, 76]) row.writeUInt32LE(NO_STREAM, at);
  return row;
}

/** The row in the middle of those from `low` up to `high`: the root of their part of the tree; row 0 is the storage. */
function middleOf(low: number, high: number): number {
  return low >= high ? NO_STREAM : 1 + ((low + high) >> 1);
}

/** The halves beside the entry `at` of a sorted list: a tree as flat as can be, all black [MS-CFB] 2.6.4. */
function siblings(count: number, at: number): Links {
  let [low, high] = [0, count];
  for (;;) {
    const middle = (low + high) >> 1;
    if (middle === at) return { left: middleOf(low, middle), right: middleOf(middle + 1, high) };
    if (at < middle) high = middle;
    else low = middle + 1;
  }
}

function padded(bytes: Buffer, unit: number, fill: number): Buffer {
  const gap = Buffer.alloc(roundUp(bytes.length, unit) - bytes.length, fill === 0 ? 0 : 0xff);
  return Buffer.concat([bytes, gap]);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function u4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

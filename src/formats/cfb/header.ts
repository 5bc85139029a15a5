import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { readExactly } from '../byte-reader.js';

export const CFB_MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** Sector numbers from here on are no sectors [MS-CFB] 2.1. */
export const MAX_REGULAR_SECTOR = 0xfffffffa;
export const END_OF_CHAIN = 0xfffffffe;
export const FREE_SECTOR = 0xffffffff;
const DIFAT_IN_HEADER = 109;

export interface CfbHeader {
  readonly majorVersion: 3 | 4;
  readonly sectorBytes: number;
  readonly miniSectorBytes: number;
  /** Streams below it are in the mini stream. */
  readonly miniCutoffBytes: number;
  readonly firstDirectorySector: number;
  readonly firstMiniFatSector: number;
  /** Sectors that the file has room for; the last one may be cut off. */
  readonly sectorCount: number;
  readonly fatSectors: readonly number[];
}

/** [MS-CFB] 2.2 and 2.5. PermanentError `installer.malformed`. */
export function readCfbHeader(source: ByteSource): CfbHeader {
  const head = readExactly(source, 0, 512, 'installer.malformed', 'the compound file header');
  if (!head.subarray(0, 8).equals(CFB_MAGIC)) {
    throw malformed('not a compound file', CFB_MAGIC.toString('hex'), head.toString('hex', 0, 8));
  }
  const majorVersion = head.readUInt16LE(26);
  const sectorShift = head.readUInt16LE(30);
  if (!((majorVersion === 3 && sectorShift === 9) || (majorVersion === 4 && sectorShift === 12))) {
    throw malformed('unknown version', '3 with shift 9, or 4 with 12', `${majorVersion} with ${sectorShift}`);
  }
  const shape = [head.readUInt16LE(28), head.readUInt16LE(32), head.readUInt32LE(56)].join(' ');
  if (shape !== '65534 6 4096') throw malformed('unknown byte order or mini sectors', '65534 6 4096', shape);
  const sectorBytes = 1 << sectorShift;
  const sectorCount = Math.ceil(source.sizeBytes / sectorBytes) - 1;
  return {
    majorVersion,
    sectorBytes,
    miniSectorBytes: 64,
    miniCutoffBytes: 4096,
    firstDirectorySector: head.readUInt32LE(48),
    firstMiniFatSector: head.readUInt32LE(60),
    sectorCount,
    fatSectors: readDifat(source, head, sectorBytes, sectorCount),
  };
}

/** Where the FAT is: 109 entries in the header, then a chain of DIFAT sectors, each ending in the next one's number. */
function readDifat(source: ByteSource, head: Buffer, sectorBytes: number, sectorCount: number): number[] {
  const expected = head.readUInt32LE(44);
  if (expected > sectorCount) throw malformed('more FAT than file', `at most ${sectorCount}`, `${expected}`);
  const sectors: number[] = [];
  const take = (table: Buffer, entries: number): void => {
    for (let index = 0; index < entries && sectors.length < expected; index += 1) {
      const sector = table.readUInt32LE(index * 4);
      if (sector !== FREE_SECTOR) sectors.push(sector);
    }
  };
  take(head.subarray(76), DIFAT_IN_HEADER);
  let next = head.readUInt32LE(68);
  for (let walked = 0; next < MAX_REGULAR_SECTOR && sectors.length < expected; walked += 1) {
    if (walked > sectorCount) throw malformed('the DIFAT runs in a circle', `${sectorCount} sectors`, 'more');
    const table = readExactly(
      source,
      (next + 1) * sectorBytes,
      sectorBytes,
      'installer.malformed',
      'a DIFAT sector',
    );
    take(table, sectorBytes / 4 - 1);
    next = table.readUInt32LE(sectorBytes - 4);
  }
  if (sectors.length !== expected)
    throw malformed('the FAT is cut off', `${expected} sectors`, `${sectors.length}`);
  return sectors;
}

export function malformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('installer.malformed', message, {
    expected,
    found,
    nextStep: 'look at what was really downloaded; the file may be damaged or hostile',
  });
}

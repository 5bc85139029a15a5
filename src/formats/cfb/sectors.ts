import type { ByteSource } from '../../core/bytes.js';
import { readExactly } from '../byte-reader.js';
import { type CfbHeader, END_OF_CHAIN, FREE_SECTOR, MAX_REGULAR_SECTOR, malformed } from './header.js';

const PIECE_BYTES = 1 << 20;

/** The sectors of a compound file, by chain. Every chain is bounded by the sectors that there are. */
export class SectorReader {
  private readonly fat: Uint32Array;

  constructor(
    private readonly source: ByteSource,
    private readonly header: CfbHeader,
  ) {
    this.fat = this.readFat();
  }

  /** Where the last sector that is in use ends; a tail behind it belongs to no stream. */
  usedBytes(): number {
    let last = this.fat.length - 1;
    while (last >= 0 && this.fat[last] === FREE_SECTOR) last -= 1;
    return (last + 2) * this.header.sectorBytes;
  }

  /** The chain from `first`: exactly `count` sectors, or to its end when `count` is null. */
  chain(first: number, count: number | null): number[] {
    return followChain(this.fat, first, count, this.header.sectorCount);
  }

  /** `sizeBytes` bytes of a chain in pieces; neighbours on disk are read together. */
  *pieces(chain: readonly number[], sizeBytes: number): Generator<Buffer> {
    const { sectorBytes } = this.header;
    let left = sizeBytes;
    for (let index = 0; index < chain.length && left > 0; ) {
      const first = chain[index] ?? 0;
      let run = 1;
      while (chain[index + run] === first + run && run * sectorBytes < Math.min(left, PIECE_BYTES)) run += 1;
      const length = Math.min(left, run * sectorBytes);
      yield this.read(first, 0, length);
      left -= length;
      index += run;
    }
    if (left > 0) throw malformed('a chain is too short', `${sizeBytes} bytes`, `${sizeBytes - left} bytes`);
  }

  read(sector: number, offset: number, length: number): Buffer {
    const position = (sector + 1) * this.header.sectorBytes + offset;
    return readExactly(this.source, position, length, 'installer.malformed', `sector ${sector}`);
  }

  private readFat(): Uint32Array {
    const perSector = this.header.sectorBytes / 4;
    const fat = new Uint32Array(this.header.fatSectors.length * perSector);
    this.header.fatSectors.forEach((sector, index) => {
      const table = this.read(sector, 0, this.header.sectorBytes);
      for (let entry = 0; entry < perSector; entry += 1) {
        fat[index * perSector + entry] = table.readUInt32LE(entry * 4);
      }
    });
    return fat;
  }
}

/** A walk through a FAT or mini FAT; a circle is longer than `most` and therefore found. */
export function followChain(fat: Uint32Array, first: number, count: number | null, most: number): number[] {
  const chain: number[] = [];
  let sector = first;
  while (count === null ? sector !== END_OF_CHAIN : chain.length < count) {
    if (sector >= MAX_REGULAR_SECTOR || sector >= fat.length || chain.length >= most) {
      const found = chain.length >= most ? 'a circle' : `sector 0x${sector.toString(16)}`;
      throw malformed('a chain of sectors is broken', `${count ?? 'an end within'} ${most} sectors`, found);
    }
    chain.push(sector);
    sector = fat[sector] ?? END_OF_CHAIN;
  }
  return chain;
}

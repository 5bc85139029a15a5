import { BitReader } from './bits.js';
import { malformedLzx } from './fault.js';
import { createTree, readLengths, type Tree } from './tree.js';

const FRAME_BYTES = 32_768;
const LITERALS = 256;
const LENGTH_SYMBOLS = 249;
const ALIGNED_SYMBOLS = 8;
const SHORTEST_MATCH = 2;
const LONGEST_MATCH = 257;
/** A length that does not fit into the main symbol: the rest follows from the tree of lengths. */
const LONG_LENGTH = 7;
/** Of the slots above it each has as many bits as the last. */
const MOST_EXTRA_BITS = 17;
const E8_FRAMES = 32_768;
const CALL = 0xe8;

const BLOCK = { verbatim: 1, aligned: 2, uncompressed: 3 } as const;

/** Slots of positions by window ([MS-PATCH] 2.1: 15 to 21 bits). */
const SLOTS: Readonly<Record<number, number>> = { 15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50 };

/**
 * LZX of one cabinet folder ([MS-PATCH] as cabinets carry it): block by block, in order, with what came before as window.
 * The state is bounded by window and block. PermanentError `cabinet.malformed`.
 */
export class LzxDecoder {
  private readonly window: Uint8Array;
  private readonly mainLengths: Uint8Array;
  private readonly lengthLengths = new Uint8Array(LENGTH_SYMBOLS);
  private main: Tree | null = null;
  private lengths: Tree | null = null;
  private aligned: Tree | null = null;
  private recent: [number, number, number] = [1, 1, 1];
  private blockType = 0;
  private blockLeft = 0;
  private blockBytes = 0;
  /** Of the plain text, as far as it was decoded, and as far as it was handed out. */
  private decoded = 0;
  private given = 0;
  private frames = 0;
  private readonly bits = new BitReader();
  /** Decoded and not handed out: a match may reach into the next block. */
  private readonly pending = Buffer.alloc(FRAME_BYTES + LONGEST_MATCH);
  private hasHeader = false;
  private callFileBytes = 0;
  private hasCalls = false;

  constructor(windowBits: number) {
    const slots = SLOTS[windowBits];
    if (slots === undefined) throw malformedLzx('no such window', '15 to 21 bits', `${windowBits}`);
    this.window = new Uint8Array(2 ** windowBits);
    this.mainLengths = new Uint8Array(LITERALS + slots * 8);
  }

  /** The plain text of the next block, which begins at a whole word. */
  unpack(data: Uint8Array, plainBytes: number): Buffer {
    const { bits } = this;
    bits.append(data);
    if (!this.hasHeader) this.readHeader(bits);
    const end = this.given + plainBytes;
    while (this.decoded < end) {
      if (this.blockLeft === 0) this.readBlockHeader(bits);
      this.decodeRun(bits, Math.min(end, this.decoded + this.blockLeft));
    }
    const plain = this.copyOut(plainBytes);
    this.given = end;
    this.frames += 1;
    return plain;
  }

  /** Whether calls were translated, and for what size of a program. */
  private readHeader(bits: BitReader): void {
    this.hasHeader = true;
    if (bits.bits(1) === 1) this.callFileBytes = bits.bits(16) * 65_536 + bits.bits(16);
  }

  private readBlockHeader(bits: BitReader): void {
    // Bytes of an odd stored block are filled up to a word.
    if (this.blockType === BLOCK.uncompressed && this.blockBytes % 2 === 1) bits.bytes(1);
    this.blockType = bits.bits(3);
    this.blockBytes = bits.bits(8) * 65_536 + bits.bits(16);
    this.blockLeft = this.blockBytes;
    if (this.blockLeft === 0) throw malformedLzx('a block is empty', 'at least one byte', '0');
    if (this.blockType === BLOCK.uncompressed) this.readStored(bits);
    else if (this.blockType === BLOCK.verbatim || this.blockType === BLOCK.aligned) this.readTrees(bits);
    else throw malformedLzx('no such kind of block', '1, 2 or 3', `${this.blockType}`);
  }

  private readStored(bits: BitReader): void {
    this.hasCalls = true;
    bits.alignForBytes();
    const view = Buffer.from(bits.bytes(12));
    this.recent = [view.readUInt32LE(0), view.readUInt32LE(4), view.readUInt32LE(8)];
  }

  private readTrees(bits: BitReader): void {
    if (this.blockType === BLOCK.aligned) {
      this.aligned = createTree(Uint8Array.from({ length: ALIGNED_SYMBOLS }, () => bits.bits(3)));
    }
    readLengths(bits, this.mainLengths, 0, LITERALS);
    readLengths(bits, this.mainLengths, LITERALS, this.mainLengths.length);
    this.main = createTree(this.mainLengths);
    if ((this.mainLengths[CALL] ?? 0) !== 0) this.hasCalls = true;
    readLengths(bits, this.lengthLengths, 0, LENGTH_SYMBOLS);
    this.lengths = createTree(this.lengthLengths);
  }

  /** Up to `end`, or a little further: a match may reach into the next block of the cabinet, but not of LZX. */
  private decodeRun(bits: BitReader, end: number): void {
    const start = this.decoded;
    if (this.blockType === BLOCK.uncompressed) {
      for (const byte of bits.bytes(end - this.decoded)) this.put(byte);
    } else while (this.decoded < end) this.decodeSymbol(bits);
    this.blockLeft -= this.decoded - start;
    if (this.blockLeft < 0)
      throw malformedLzx('a match leaves its block', 'one within it', `${-this.blockLeft} bytes more`);
  }

  private decodeSymbol(bits: BitReader): void {
    const symbol = this.main?.read(bits) ?? 0;
    if (symbol < LITERALS) {
      this.put(symbol);
      return;
    }
    const header = (symbol - LITERALS) & 7;
    const more = header === LONG_LENGTH ? (this.lengths?.read(bits) ?? 0) : 0;
    const length = header + more + SHORTEST_MATCH;
    const distance = this.readDistance(bits, (symbol - LITERALS) >> 3);
    if (distance === 0 || distance > Math.min(this.decoded, this.window.length))
      throw malformedLzx(
        'a match points before the beginning',
        `at most ${this.decoded} bytes back`,
        `${distance}`,
      );
    const mask = this.window.length - 1;
    for (let n = 0; n < length; n += 1) this.put(this.window[(this.decoded - distance) & mask] ?? 0);
  }

  private readDistance(bits: BitReader, slot: number): number {
    const [r0, r1, r2] = this.recent;
    if (slot === 0) return r0;
    if (slot === 1) {
      this.recent = [r1, r0, r2];
      return r1;
    }
    if (slot === 2) {
      this.recent = [r2, r1, r0];
      return r2;
    }
    const distance = baseOf(slot) - 2 + this.readExtra(bits, extraOf(slot));
    this.recent = [distance, r0, r1];
    return distance;
  }

  private readExtra(bits: BitReader, extra: number): number {
    if (this.blockType !== BLOCK.aligned || extra < 3) return bits.bits(extra);
    const high = bits.bits(extra - 3) * 8;
    return high + (this.aligned?.read(bits) ?? 0);
  }

  private put(byte: number): void {
    this.window[this.decoded & (this.window.length - 1)] = byte;
    this.pending[this.decoded - this.given] = byte;
    this.decoded += 1;
  }

  private copyOut(plainBytes: number): Buffer {
    const plain = Buffer.from(this.pending.subarray(0, plainBytes));
    this.pending.copyWithin(0, plainBytes, this.decoded - this.given);
    if (this.callFileBytes > 0 && this.hasCalls && this.frames < E8_FRAMES && plainBytes > 10)
      untranslateCalls(plain, this.given, this.callFileBytes);
    return plain;
  }
}

/** The target of each call was made absolute before packing, for such repeat; here it becomes relative again. */
function untranslateCalls(plain: Buffer, start: number, fileBytes: number): void {
  for (let at = 0; at < plain.length - 10; ) {
    if (plain[at] !== CALL) {
      at += 1;
      continue;
    }
    const position = start + at;
    const absolute = plain.readInt32LE(at + 1);
    if (absolute >= -position && absolute < fileBytes)
      plain.writeInt32LE(absolute >= 0 ? absolute - position : absolute + fileBytes, at + 1);
    at += 5;
  }
}

/** Two slots for each number of bits, from the fourth on one bit more each time. */
function extraOf(slot: number): number {
  return slot < 4 ? 0 : Math.min(MOST_EXTRA_BITS, (slot >> 1) - 1);
}

const BASES: readonly number[] = basesOf(50);

function basesOf(slots: number): number[] {
  const bases = [0];
  for (let slot = 0; slot < slots; slot += 1) bases.push((bases[slot] ?? 0) + 2 ** extraOf(slot));
  return bases;
}

function baseOf(slot: number): number {
  return BASES[slot] ?? 0;
}

import { probabilities, type RangeDecoder } from './range-decoder.js';

/** What came last, as the LZMA specification numbers it: below 7 a literal. */
export const STATE = {
  count: 12,
  isAfterLiteral: (state: number): boolean => state < 7,
  afterLiteral: (state: number): number => (state < 4 ? 0 : state < 10 ? state - 3 : state - 6),
  afterMatch: (state: number): number => (state < 7 ? 7 : 10),
  afterRepeat: (state: number): number => (state < 7 ? 8 : 11),
  afterShortRepeat: (state: number): number => (state < 7 ? 9 : 11),
} as const;

const MAX_POSITION_STATES = 16;
const MIN_LENGTH = 2;
const LENGTH_STATES = 4;
const SLOT_BITS = 6;
const FIRST_MODEL_SLOT = 4;
const END_MODEL_SLOT = 14;
const ALIGN_BITS = 4;

export interface LzmaMatch {
  /** 0: the byte before. */
  readonly distance: number;
  readonly length: number;
  readonly state: number;
}

/** Every adaptive probability of a stream, with the symbols that they decode (LZMA specification, "LZMA Decoder"). */
export class LzmaModel {
  private readonly literals: Uint16Array;
  private readonly matches = probabilities(STATE.count * MAX_POSITION_STATES);
  private readonly repeats = probabilities(STATE.count);
  private readonly repeats0 = probabilities(STATE.count);
  private readonly repeats1 = probabilities(STATE.count);
  private readonly repeats2 = probabilities(STATE.count);
  private readonly longRepeats = probabilities(STATE.count * MAX_POSITION_STATES);
  private readonly slots = probabilities(LENGTH_STATES << SLOT_BITS);
  private readonly special = probabilities(1 + 128 - END_MODEL_SLOT);
  private readonly align = probabilities(1 << ALIGN_BITS);
  private readonly matchLengths = new LengthModel();
  private readonly repeatLengths = new LengthModel();

  constructor(
    private readonly literalContextBits: number,
    private readonly literalPositionBits: number,
    private readonly positionBits: number,
  ) {
    this.literals = probabilities(0x300 << (literalContextBits + literalPositionBits));
  }

  isLiteral(range: RangeDecoder, state: number, position: number): boolean {
    return range.bit(this.matches, state * MAX_POSITION_STATES + this.positionState(position)) === 0;
  }

  /** `matched`: the byte at the last distance where a match came before. */
  literal(range: RangeDecoder, position: number, before: number, matched: number | null): number {
    const low = position & ((1 << this.literalPositionBits) - 1);
    const context = (low << this.literalContextBits) + (before >>> (8 - this.literalContextBits));
    const offset = context * 0x300;
    let symbol = 1;
    let foretold = matched ?? 0;
    let follows = matched !== null;
    while (symbol < 0x100) {
      const expected = (foretold >>> 7) & 1;
      foretold <<= 1;
      const row = follows ? (1 + expected) << 8 : 0;
      const bit = range.bit(this.literals, offset + row + symbol);
      symbol = symbol * 2 + bit;
      if (bit !== expected) follows = false;
    }
    return symbol & 0xff;
  }

  /** A match, new or with one of the last four distances; `distances` is kept up to date. */
  match(range: RangeDecoder, state: number, position: number, distances: number[]): LzmaMatch {
    const positionState = this.positionState(position);
    if (range.bit(this.repeats, state) === 0) {
      const length = this.matchLengths.decode(range, positionState);
      distances.pop();
      distances.unshift(this.distance(range, length));
      return { distance: distances[0] ?? 0, length: length + MIN_LENGTH, state: STATE.afterMatch(state) };
    }
    if (range.bit(this.repeats0, state) === 0) {
      if (range.bit(this.longRepeats, state * MAX_POSITION_STATES + positionState) === 0) {
        return { distance: distances[0] ?? 0, length: 1, state: STATE.afterShortRepeat(state) };
      }
    } else {
      const index = range.bit(this.repeats1, state) === 0 ? 1 : 2 + range.bit(this.repeats2, state);
      distances.unshift(...distances.splice(index, 1));
    }
    const length = this.repeatLengths.decode(range, positionState) + MIN_LENGTH;
    return { distance: distances[0] ?? 0, length, state: STATE.afterRepeat(state) };
  }

  private distance(range: RangeDecoder, length: number): number {
    const lengthState = Math.min(length, LENGTH_STATES - 1);
    const slot = range.tree(this.slots, SLOT_BITS, lengthState << SLOT_BITS);
    if (slot < FIRST_MODEL_SLOT) return slot;
    const bits = (slot >>> 1) - 1;
    const start = (2 | (slot & 1)) * 2 ** bits;
    if (slot < END_MODEL_SLOT) return start + range.reverseTree(this.special, bits, start - slot);
    const high = range.directBits(bits - ALIGN_BITS) * 2 ** ALIGN_BITS;
    return start + high + range.reverseTree(this.align, ALIGN_BITS);
  }

  private positionState(position: number): number {
    return position & ((1 << this.positionBits) - 1);
  }
}

/** Lengths 0 to 7, 8 to 15, 16 to 271 in three trees. */
class LengthModel {
  private readonly choices = probabilities(2);
  private readonly low = probabilities(MAX_POSITION_STATES << 3);
  private readonly middle = probabilities(MAX_POSITION_STATES << 3);
  private readonly high = probabilities(256);

  decode(range: RangeDecoder, positionState: number): number {
    if (range.bit(this.choices, 0) === 0) return range.tree(this.low, 3, positionState << 3);
    if (range.bit(this.choices, 1) === 0) return 8 + range.tree(this.middle, 3, positionState << 3);
    return 16 + range.tree(this.high, 8);
  }
}

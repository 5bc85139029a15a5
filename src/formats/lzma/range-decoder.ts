const PROBABILITY_BITS = 11;
const MOVE_BITS = 5;
const TOP = 2 ** 24;
/** One half: what every probability starts at. */
const HALF = 1 << (PROBABILITY_BITS - 1);

/** Probabilities of `count` binary decisions. */
export function probabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

/** The range coder of LZMA (LZMA specification, "Range Decoder"): binary decisions out of bytes. */
export class RangeDecoder {
  private range = 0xffffffff;
  private code = 0;
  private position = 5;

  /** The first of the five starting bytes is zero; a stream without it is refused by whoever reads it. */
  constructor(private readonly input: Buffer) {
    this.code = input.length < 5 ? 0 : input.readUInt32BE(1);
  }

  /** More was asked for than there is: what was decoded last is worth nothing. */
  get isExhausted(): boolean {
    return this.position > this.input.length;
  }

  bit(model: Uint16Array, index: number): 0 | 1 {
    const probability = model[index] ?? HALF;
    const bound = (this.range >>> PROBABILITY_BITS) * probability;
    const isZero = this.code < bound;
    if (isZero) {
      this.range = bound;
      model[index] = probability + (((1 << PROBABILITY_BITS) - probability) >>> MOVE_BITS);
    } else {
      this.range -= bound;
      this.code -= bound;
      model[index] = probability - (probability >>> MOVE_BITS);
    }
    this.normalize();
    return isZero ? 0 : 1;
  }

  /** Bits that no model foretells, the most significant first. */
  directBits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.range >>>= 1;
      const isOne = this.code >= this.range;
      if (isOne) this.code -= this.range;
      value = value * 2 + (isOne ? 1 : 0);
      this.normalize();
    }
    return value;
  }

  /** A number of `bits` bits, most significant first, each with the model that the ones before it choose. */
  tree(model: Uint16Array, bits: number, offset = 0): number {
    let at = 1;
    for (let left = bits; left > 0; left--) at = at * 2 + this.bit(model, offset + at);
    return at - 2 ** bits;
  }

  /** The same, least significant first. */
  reverseTree(model: Uint16Array, bits: number, offset = 0): number {
    let at = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const bit = this.bit(model, offset + at);
      at = at * 2 + bit;
      value += bit * 2 ** index;
    }
    return value;
  }

  private normalize(): void {
    if (this.range >= TOP) return;
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | (this.input[this.position] ?? 0)) >>> 0;
    this.position += 1;
  }
}

import { malformedLzx } from './fault.js';

/**
 * Bits of a folder: words of 16 bits, little-endian, the highest bit of each first ([MS-PATCH] 2.1). Blocks of the cabinet are
 * appended as they come: what one left unread belongs to the next.
 */
export class BitReader {
  private at = 0;
  private buffer = 0;
  private left = 0;

  private data: Uint8Array = new Uint8Array();

  /** The next block begins at a word; bits that are left of the last one are filling. */
  append(block: Uint8Array): void {
    const unread = this.at - 2 * Math.floor(this.left / 16);
    this.data = Buffer.concat([this.data.subarray(unread), block]);
    this.at = 0;
    this.left = 0;
  }

  /** At most 17 bits. Behind the end come two words of zeros: a code is looked up in 16 bits, of which it may need one. */
  bits(count: number): number {
    if (count === 0) return 0;
    if (count > 16) return (this.bits(count - 16) << 16) | this.bits(16);
    this.need(count);
    const value = (this.buffer >>> (this.left - count)) & ((1 << count) - 1);
    this.left -= count;
    return value;
  }

  /** The next 16 bits without taking them. */
  peek16(): number {
    this.need(16);
    return (this.buffer >>> (this.left - 16)) & 0xffff;
  }

  skip(count: number): void {
    this.left -= count;
  }

  /** To the next word, for bytes that are stored as they are; a word that is begun, or wholly read ahead, is left. */
  alignForBytes(): void {
    this.need(16);
    if (this.left > 16) this.at -= 2;
    this.left = 0;
  }

  bytes(count: number): Uint8Array {
    const part = this.data.subarray(this.at, this.at + count);
    if (part.length < count)
      throw malformedLzx('a stored block ends too early', `${count} bytes`, `${part.length}`);
    this.at += count;
    return part;
  }

  private need(count: number): void {
    while (this.left < count) {
      if (this.at >= this.data.length + 4) throw malformedLzx('the data ends too early', 'more bits', 'none');
      const word = (this.data[this.at] ?? 0) | ((this.data[this.at + 1] ?? 0) << 8);
      this.at += 2;
      this.buffer = ((this.buffer & 0xffff) << 16) | word;
      this.left += 16;
    }
  }
}

import type { BitReader } from './bits.js';
import { malformedLzx } from './fault.js';

const LONGEST_CODE = 16;

/** A canonical Huffman code of at most 16 bits ([MS-PATCH] 2.5). */
export interface Tree {
  read(bits: BitReader): number;
}

/**
 * Codes are given by length, and within one by symbol. A tree without any code is read from nothing. PermanentError
 * `cabinet.malformed` for lengths that are no complete code.
 */
export function createTree(lengths: Uint8Array): Tree {
  const counts = new Uint16Array(LONGEST_CODE + 1);
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] ?? 0) + 1;
  const first = new Uint32Array(LONGEST_CODE + 2);
  const offset = new Uint16Array(LONGEST_CODE + 2);
  let code = 0;
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    first[length] = code;
    offset[length + 1] = (offset[length] ?? 0) + (counts[length] ?? 0);
    code = (code + (counts[length] ?? 0)) << 1;
  }
  const isEmpty = counts.every((count) => count === 0);
  // `code` has been doubled once more than the longest code.
  if (!isEmpty && code !== 2 << LONGEST_CODE)
    throw malformedLzx('a tree is no complete code', 'a complete code', 'another');
  const symbols = new Uint16Array(lengths.length);
  const next = offset.slice();
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    symbols[next[length] ?? 0] = symbol;
    next[length] = (next[length] ?? 0) + 1;
  }
  return {
    read(bits) {
      const word = bits.peek16();
      for (let length = 1; length <= LONGEST_CODE; length += 1) {
        const index = (word >>> (LONGEST_CODE - length)) - (first[length] ?? 0);
        if (index >= (counts[length] ?? 0)) continue;
        bits.skip(length);
        return symbols[(offset[length] ?? 0) + index] ?? 0;
      }
      throw malformedLzx('a code is in no tree', 'a code of the block', `0x${word.toString(16)}`);
    },
  };
}

const PRETREE_SYMBOLS = 20;

/** Lengths of a part of a tree, as differences to those of the block before ([MS-PATCH] 2.5.1). */
export function readLengths(bits: BitReader, lengths: Uint8Array, from: number, to: number): void {
  const pretree = createTree(Uint8Array.from({ length: PRETREE_SYMBOLS }, () => bits.bits(4)));
  for (let at = from; at < to; ) {
    const symbol = pretree.read(bits);
    const run =
      symbol === 17
        ? bits.bits(4) + 4
        : symbol === 18
          ? bits.bits(5) + 20
          : symbol === 19
            ? bits.bits(1) + 4
            : 1;
    // Of 19 the length that is repeated follows; it is a difference to the first of the run.
    const delta = symbol === 19 ? pretree.read(bits) : symbol;
    if (at + run > to || delta > 16 !== (symbol === 17 || symbol === 18))
      throw malformedLzx('the lengths of a tree are malformed', `at most ${to - at} more`, `${run}`);
    const value = delta > 16 ? 0 : ((lengths[at] ?? 0) - delta + 17) % 17;
    lengths.fill(value, at, at + run);
    at += run;
  }
}

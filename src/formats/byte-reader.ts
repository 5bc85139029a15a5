import type { ByteSource } from '../core/bytes.js';
import { type PermanentCode, PermanentError } from '../core/errors.js';

/** Half open: `start` is in, `end` is not. Positions in bytes from the start of the file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Exactly `length` bytes, or a PermanentError that names what was to be read. */
export function readExactly(
  source: ByteSource,
  position: number,
  length: number,
  code: PermanentCode,
  what: string,
): Buffer {
  const inside = position >= 0 && length >= 0 && position + length <= source.sizeBytes;
  const bytes = inside ? source.read(position, length) : Buffer.alloc(0);
  if (!inside || bytes.length !== length) {
    throw new PermanentError(code, `${what} lies outside of the file`, {
      where: `offset ${position}`,
      expected: `${length} bytes`,
      found: `a file of ${source.sizeBytes} bytes`,
    });
  }
  return bytes;
}

/** The bytes of the ranges in order, in pieces of at most `pieceBytes`: what a digest is fed with. */
export function* readRanges(
  source: ByteSource,
  ranges: readonly ByteRange[],
  code: PermanentCode,
  pieceBytes = 1 << 20,
): Generator<Buffer> {
  for (const { start, end } of ranges) {
    for (let position = start; position < end; position += pieceBytes) {
      yield readExactly(source, position, Math.min(pieceBytes, end - position), code, 'a digested range');
    }
  }
}

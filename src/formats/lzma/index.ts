import { PermanentError } from '../../core/errors.js';
import { LzmaModel, STATE } from './model.js';
import { RangeDecoder } from './range-decoder.js';

const PROPERTIES_BYTES = 5;
/** The distance that means the end of the stream. */
const END_MARK = 0xffffffff;
const FIRST_OUTPUT_BYTES = 1 << 16;

/**
 * LZMA1: five bytes of properties, then the raw stream (LZMA specification). Decodes until the stream's end mark, the end
 * of `input`, or `maxBytes`, whichever comes first. All that was decoded is kept as the dictionary, so the dictionary's
 * stated size costs nothing. PermanentError `installer.malformed` where the bytes are no such stream.
 */
export function decodeLzma(input: Buffer, maxBytes: number): Buffer {
  const properties = input[0] ?? 255;
  if (input.length < PROPERTIES_BYTES + 5 || properties >= 9 * 5 * 5 || input[PROPERTIES_BYTES] !== 0) {
    throw malformed('an LZMA stream has an impossible start', input.toString('hex', 0, PROPERTIES_BYTES + 1));
  }
  const model = new LzmaModel(properties % 9, Math.floor(properties / 9) % 5, Math.floor(properties / 45));
  return decodeStream(new RangeDecoder(input.subarray(PROPERTIES_BYTES)), model, maxBytes);
}

function decodeStream(range: RangeDecoder, model: LzmaModel, maxBytes: number): Buffer {
  const output = new Output(maxBytes);
  const distances = [0, 0, 0, 0];
  let state = 0;
  while (output.length < maxBytes) {
    if (model.isLiteral(range, state, output.length)) {
      const byte = model.literal(
        range,
        output.length,
        output.back(0),
        literalMatch(state, output, distances),
      );
      if (range.isExhausted) break;
      output.push(byte);
      state = STATE.afterLiteral(state);
      continue;
    }
    const found = model.match(range, state, output.length, distances);
    if (range.isExhausted || found.distance === END_MARK) break;
    state = found.state;
    if (found.distance >= output.length) {
      throw malformed(
        'an LZMA stream refers to bytes before its start',
        `${found.distance} at ${output.length}`,
      );
    }
    output.copy(found.distance, Math.min(found.length, maxBytes - output.length));
  }
  return output.bytes();
}

/** The byte at the last distance, which foretells a literal right after a match; null after a literal. */
function literalMatch(state: number, output: Output, [distance = 0]: readonly number[]): number | null {
  return STATE.isAfterLiteral(state) ? null : output.back(distance);
}

/** Grows as it is written, never beyond what was asked for. */
class Output {
  private buffer: Buffer;
  private size = 0;

  constructor(private readonly maxBytes: number) {
    this.buffer = Buffer.allocUnsafe(Math.min(FIRST_OUTPUT_BYTES, maxBytes));
  }

  get length(): number {
    return this.size;
  }

  /** The byte that was written `distance` bytes before the last one; 0 before the start. */
  back(distance: number): number {
    return distance < this.size ? (this.buffer[this.size - 1 - distance] ?? 0) : 0;
  }

  push(byte: number): void {
    this.reserve(1);
    this.buffer[this.size++] = byte;
  }

  /** Source and target may overlap: then the bytes repeat. */
  copy(distance: number, length: number): void {
    this.reserve(length);
    for (let left = length; left > 0; left--) {
      this.buffer[this.size] = this.buffer[this.size - 1 - distance] ?? 0;
      this.size += 1;
    }
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  private reserve(count: number): void {
    if (this.size + count <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(
      Math.min(this.maxBytes, Math.max(this.buffer.length * 2, this.size + count)),
    );
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}

function malformed(message: string, found: string): PermanentError {
  return new PermanentError('installer.malformed', message, {
    found,
    nextStep: 'look at what was really downloaded; the file may be damaged or hostile',
  });
}

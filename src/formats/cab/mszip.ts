import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PermanentError } from '../../core/errors.js';
import { CAB } from './structure.js';

const SIGNATURE = Buffer.from('CK', 'latin1');
/** Bits per byte of a sample above which deflate is not tried: it costs the time and saves nothing. */
const INCOMPRESSIBLE_BITS = 7.8;

/**
 * One MSZIP block [MS-MCI]: `CK` and one complete raw deflate stream. `history` is the block before it in the same
 * folder (empty for the first): Huffman tables are dropped between blocks, the window is kept.
 */
export function packMsZipBlock(plain: Buffer, history: Buffer): Buffer {
  if (sampledEntropyBits(plain) > INCOMPRESSIBLE_BITS) return rawBlock(plain);
  const deflated = deflateRawSync(plain, {
    level: 6,
    windowBits: 15,
    // 8, the default, turns 32768 random bytes into 32780, which with CK is over the limit of a block.
    memLevel: 9,
    ...(history.length > 0 ? { dictionary: history } : {}),
  });
  return deflated.length >= plain.length + 5 ? rawBlock(plain) : Buffer.concat([SIGNATURE, deflated]);
}

/** Deflate's stored block: BFINAL with type 00, LEN, its complement, the bytes (RFC 1951 3.2.4). */
function rawBlock(plain: Buffer): Buffer {
  const head = Buffer.alloc(7);
  SIGNATURE.copy(head, 0);
  head.writeUInt8(1, 2);
  head.writeUInt16LE(plain.length, 3);
  head.writeUInt16LE(~plain.length & 0xffff, 5);
  return Buffer.concat([head, plain]);
}

/** Order-0 entropy of every fourth byte. A short block's sample stays below the bar by itself. */
function sampledEntropyBits(bytes: Buffer): number {
  const counts = new Uint32Array(256);
  let samples = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    const byte = bytes[i] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
    samples += 1;
  }
  let bits = 0;
  for (const count of counts) {
    if (count > 0) bits -= (count / samples) * Math.log2(count / samples);
  }
  return bits;
}

/** The plain text of one block; PermanentError `cabinet.malformed` unless it is exactly `plainBytes` long. */
export function unpackMsZipBlock(block: Buffer, history: Buffer, plainBytes: number): Buffer {
  if (!block.subarray(0, 2).equals(SIGNATURE) || block.length > CAB.maxMsZipBlockBytes) {
    throw malformed('a block is not MSZIP', 'CK and at most 32778 bytes');
  }
  let plain: Buffer;
  try {
    plain = inflateRawSync(block.subarray(2), {
      maxOutputLength: plainBytes,
      ...(history.length > 0 ? { dictionary: history } : {}),
    });
  } catch (cause) {
    throw malformed('a block cannot be inflated', `${plainBytes} bytes of plain text`, cause);
  }
  if (plain.length !== plainBytes) {
    throw malformed(
      'a block has another length than it says',
      `${plainBytes} bytes`,
      undefined,
      plain.length,
    );
  }
  return plain;
}

function malformed(message: string, expected: string, cause?: unknown, found?: number): PermanentError {
  return new PermanentError('cabinet.malformed', message, {
    expected,
    ...(found === undefined ? {} : { found: `${found} bytes` }),
    ...(cause === undefined ? {} : { cause }),
  });
}

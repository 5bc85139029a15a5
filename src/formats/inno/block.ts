import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../core/bytes.js';
import { readExactly } from '../byte-reader.js';
import { decodeLzma } from '../lzma/index.js';
import { innoMalformed } from './malformed.js';

const HEADER_BYTES = 9;
const CHUNK_BYTES = 4096;
/** What is needed stands at the start; Git for Windows, with a large script, has a block of 200 kB. */
const MAX_STORED_BYTES = 4 << 20;
const MAX_DECODED_BYTES = 8 << 20;

/**
 * A block of `setup.0`: u4 CRC-32 of the next five bytes, u4 length, u1 whether it is compressed; then pieces of at most
 * 4096 bytes, each behind its CRC-32; together LZMA1 (TCompressedBlockReader). Decodes the start of a very large one.
 * Null where the five bytes have another CRC: that may be another form of header.
 */
export function readBlock(source: ByteSource, position: number): Buffer | null {
  const head = read(source, position, HEADER_BYTES);
  if (crc32(head.subarray(4)) !== head.readUInt32LE(0)) return null;
  const storedBytes = Math.min(head.readUInt32LE(4), MAX_STORED_BYTES);
  const pieces: Buffer[] = [];
  for (let at = 0; at + 4 < storedBytes; at += 4 + CHUNK_BYTES) {
    const piece = read(source, position + HEADER_BYTES + at, Math.min(4 + CHUNK_BYTES, storedBytes - at));
    const data = piece.subarray(4);
    if (crc32(data) !== piece.readUInt32LE(0)) {
      // The last piece of one that was cut short here cannot be checked, and is not needed.
      if (storedBytes === MAX_STORED_BYTES) break;
      throw innoMalformed('a piece of the header is damaged', 'its own CRC-32', `another at offset ${at}`);
    }
    pieces.push(data);
  }
  const stored = Buffer.concat(pieces);
  return head[8] === 0 ? stored : decodeLzma(stored, MAX_DECODED_BYTES);
}

function read(source: ByteSource, position: number, length: number): Buffer {
  return readExactly(source, position, length, 'installer.malformed', 'the Inno Setup header');
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../core/bytes.js';

/** Runs `body` over a file read with `pread`; the file is closed afterwards. System errors pass through. */
export function withFileSource<T>(path: string, body: (source: ByteSource) => T): T {
  const file = openSync(path, 'r');
  try {
    return body({
      sizeBytes: fstatSync(file).size,
      read: (position, length) => readAt(file, position, length),
    });
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

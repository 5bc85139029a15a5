/** Random access to bytes that may be hostile and large. Implementations: a buffer, or a file read with `pread`. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly the bytes from `position`, fewer than `length` only at the end of the source. */
  read(position: number, length: number): Buffer;
}

export function bufferSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: buffer.length,
    read: (position, length) => buffer.subarray(position, Math.min(position + length, buffer.length)),
  };
}

import { createHash } from 'node:crypto';
import type { FileDigests } from '../core/installer.js';

/** Digests and size of bytes as they pass. */
export interface Hashing {
  update(piece: Uint8Array): void;
  sizeBytes(): number;
  digests(): FileDigests;
}

export function createHashing(): Hashing {
  const [sha256, sha1] = [createHash('sha256'), createHash('sha1')];
  let sizeBytes = 0;
  return {
    update(piece) {
      sha256.update(piece);
      sha1.update(piece);
      sizeBytes += piece.length;
    },
    sizeBytes: () => sizeBytes,
    digests: () => ({ sha256: sha256.digest('hex'), sha1: sha1.digest('hex'), sizeBytes }),
  };
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { SignatureReport } from '../../core/installer.js';
import type { TrustAnchors } from '../../core/ports.js';
import { verifyFileSignature } from '../../trust/index.js';

/** Who signed a file, against the server's own trust store. */
export async function verifyFile(path: string, anchors: TrustAnchors, now: Date): Promise<SignatureReport> {
  return verifyFileSignature(path, anchors, now);
}

/** As the metadata has them: digests in base64. */
export async function digestFile(
  path: string,
): Promise<{ readonly sha1: string; readonly sha256: string; readonly sizeBytes: number }> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha1.update(piece);
    sha256.update(piece);
    sizeBytes += piece.length;
  }
  return { sha1: sha1.digest('base64'), sha256: sha256.digest('base64'), sizeBytes };
}

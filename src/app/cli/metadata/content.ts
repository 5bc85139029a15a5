import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PermanentError } from '../../../core/errors.js';

/** A content file as documents speak of it. */
export interface ContentFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** ISO 8601 UTC. */
  readonly modified: string;
  /** Base64. */
  readonly sha1: string;
  /** Base64. */
  readonly sha256: string;
}

/** Reads the file through once. PermanentError `not-found` where there is none. */
export async function contentFile(path: string): Promise<ContentFile> {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isFile() !== true) {
    throw new PermanentError('not-found', 'there is no such file', {
      where: path,
      nextStep: 'correct the path',
    });
  }
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    sha1.update(piece);
    sha256.update(piece);
  }
  return {
    fileName: basename(path),
    sizeBytes: facts.size,
    modified: facts.mtime.toISOString(),
    sha1: sha1.digest('base64'),
    sha256: sha256.digest('base64'),
  };
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { statNamedFile } from '../named-file.js';

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
  const { size, mtime } = statNamedFile(path);
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    sha1.update(piece);
    sha256.update(piece);
  }
  return {
    fileName: basename(path),
    sizeBytes: size,
    modified: mtime.toISOString(),
    sha1: sha1.digest('base64'),
    sha256: sha256.digest('base64'),
  };
}

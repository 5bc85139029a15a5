import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CatalogDocument } from '../../core/catalog-plan.js';
import { PermanentError } from '../../core/errors.js';

/** The bytes of a stored document. PermanentError `content.missing`, `content.corrupt`: never other bytes. */
export function readDocument({ name, path, sha256 }: CatalogDocument): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new PermanentError('content.missing', 'a document of the catalog cannot be read', {
      where: `${name}, ${path}`,
      cause,
    });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new PermanentError('content.corrupt', 'a document of the catalog has other bytes than it had', {
    where: `${name}, ${path}`,
    expected: sha256,
    found,
  });
}

import { readFileSync } from 'node:fs';
import { PermanentError } from '../../../core/errors.js';
import { statNamedFile } from '../named-file.js';

const MOST_BYTES = 64 << 20;

/** A file that a person names. PermanentError `not-found` or `package.invalid` that says why it cannot be read. */
export function readInput(path: string): Buffer {
  const { size } = statNamedFile(path);
  if (size <= MOST_BYTES) return readFileSync(path);
  throw new PermanentError('package.invalid', 'the file is too large for a document', {
    where: path,
    expected: `at most ${MOST_BYTES} bytes`,
    found: `${size} bytes`,
    nextStep: 'name the document, not its content',
  });
}

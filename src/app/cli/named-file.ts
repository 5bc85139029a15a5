import { type Stats, statSync } from 'node:fs';
import { PermanentError } from '../../core/errors.js';

/** Facts of a file that a person names. PermanentError `not-found` where it is missing, or is a folder. */
export function statNamedFile(path: string): Stats {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isFile() === true) return facts;
  throw new PermanentError('not-found', 'there is no such file', {
    where: path,
    expected: 'a file',
    found: facts === undefined ? 'nothing' : 'something else',
    nextStep: 'correct the path',
  });
}

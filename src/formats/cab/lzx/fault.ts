import { PermanentError } from '../../../core/errors.js';

export function malformedLzx(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('cabinet.malformed', `LZX: ${message}`, { expected, found });
}

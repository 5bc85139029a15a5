import { PermanentError } from '../../core/errors.js';

export function innoMalformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('installer.malformed', message, {
    where: 'the Inno Setup data',
    expected,
    found,
    nextStep: 'look at what was really downloaded; the file may be damaged or hostile',
  });
}

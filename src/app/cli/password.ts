import { createInterface } from 'node:readline/promises';
import { loadSettings, projectPath } from '../../config/settings.js';
import { PermanentError } from '../../core/errors.js';
import { setPassword } from '../dashboard.js';
import { EXIT } from './output.js';

const SHORTEST = 12;

/** `patchpress password`: a new password for the dashboard, from standard input or made. It counts from the next start. */
export async function password(options: { readonly generate?: boolean }): Promise<number> {
  const dataDir = projectPath(loadSettings().dataDir);
  const made = await setPassword(dataDir, options.generate === true ? null : await readPassword());
  if (options.generate === true) process.stdout.write(`${made}\n`);
  process.stderr.write('It counts from the next start of the service; every session ends then.\n');
  return EXIT.ok;
}

async function readPassword(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  process.stderr.write('New password (one line on standard input): ');
  for await (const line of lines) {
    lines.close();
    if (line.length >= SHORTEST) return line;
    break;
  }
  throw new PermanentError('payload.invalid', 'the password is too short', {
    expected: `at least ${SHORTEST} characters`,
    nextStep: 'give a longer one, or use --generate',
  });
}

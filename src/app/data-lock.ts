import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PermanentError } from '../core/errors.js';
import { holdExclusively } from '../ledger/exclusive.js';

/** One service per data folder; the folder is for its owner alone. */
export function lockDataDir(dataDir: string): { release(): void } {
  const held = openLock(dataDir);
  if (held === null) {
    throw new PermanentError('configuration.invalid', 'the data folder is in use', {
      where: dataDir,
      found: `process ${holderOf(dataDir)} works on it`,
      nextStep: 'stop it, or choose another folder',
    });
  }
  // For people only: what counts is the lock itself.
  writeFileSync(join(dataDir, 'lock.pid'), String(process.pid));
  return held;
}

/** Whether some process works on the data folder now. */
export function isLocked(dataDir: string): boolean {
  if (!existsSync(lockFile(dataDir))) return false;
  const held = openLock(dataDir);
  held?.release();
  return held === null;
}

function openLock(dataDir: string): { release(): void } | null {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return holdExclusively(lockFile(dataDir));
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'the data folder cannot be used', {
      where: dataDir,
      expected: 'a folder that this user can write',
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'give it to this user, or choose another folder',
      cause,
    });
  }
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'lock.db');
}

function holderOf(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'lock.pid'), 'utf8');
  } catch {
    return 'of an unknown number';
  }
}

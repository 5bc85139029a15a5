import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

/**
 * Holds a file for this process alone, or answers null where another one holds it. The kernel lets go of it when the
 * process ends, however that happens, so there is nothing stale to clear away; it also holds between containers that
 * share the folder.
 */
export function holdExclusively(file: string): { release(): void } | null {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new Database(file);
  try {
    database.pragma('busy_timeout = 0');
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY'))
      return null;
    throw error;
  }
  return {
    release() {
      database.exec('rollback');
      database.close();
    },
  };
}

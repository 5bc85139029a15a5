import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts on the disk what was committed before the call. */
export interface Flush {
  (): Promise<void>;
  close(): Promise<void>;
}

/**
 * The write-ahead log of SQLite, flushed off the event loop. Who commits while a flush runs shares the next one, so that
 * a disk which needs milliseconds for each holds up no one else, and many turns pay for one.
 */
export function createWalFlush(databaseFile: string): Flush {
  const path = `${databaseFile}-wal`;
  let log: Promise<FileHandle> | null = null;
  let running: Promise<void> = Promise.resolve();
  let following: Promise<void> | null = null;

  async function flushNow(): Promise<void> {
    log ??= openLog(path);
    const file = await log.catch((error: unknown) => {
      log = null;
      throw error;
    });
    await file.datasync();
  }

  const flush = (): Promise<void> => {
    following ??= running
      .catch(() => undefined)
      .then(() => {
        following = null;
        running = flushNow();
        return running;
      });
    return following;
  };
  const close = async (): Promise<void> => {
    await running.catch(() => undefined);
    await (await log?.catch(() => null))?.close();
  };
  return Object.assign(flush, { close });
}

/** The log stays the same file while the database is open; its name in the folder is flushed once. */
async function openLog(path: string): Promise<FileHandle> {
  const file = await open(path, 'r+');
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
  return file;
}

import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../core/errors.js';

/** Tries of a busy database, each after a pause in which this process can finish its own other transaction. */
const BUSY_TRIES = 80;
const LONGEST_PAUSE_MS = 50;

/** SQLite's result codes and the system's; SQLSTATE classes 53100 (disk full) and 58030 (I/O error). */
const FULL = /^(SQLITE_FULL|SQLITE_IOERR\w*|EIO|ENOSPC|EDQUOT|53100|58030)$/;

/**
 * Worth another try at once: a lock held by another; a serialization failure or deadlock (40001, 40P01), after which
 * PostgreSQL asks for the whole transaction again; too many connections; a server that restarts or a lost connection.
 */
const BUSY =
  /^(SQLITE_BUSY\w*|SQLITE_LOCKED\w*|40001|40P01|55P03|53300|57P0[123]|08\w{3}|ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN)$/;

/** The PostgreSQL driver tells of a lost connection in words only. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

/** A busy or full database is the outside, for now: the work is tried again and nothing of it is lost. */
export async function guarded<T>(query: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await query();
    } catch (error) {
      if (isFull(error)) throw full(error);
      if (!isBusy(error)) throw error;
      if (attempt === BUSY_TRIES) throw busy(error);
      // Not all at the same moment again.
      await pause(Math.min(2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random()));
    }
  }
}

export function isFull(error: unknown): boolean {
  return FULL.test(codeOf(error));
}

export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // `ENOENT` of a connect: the socket of a server that is down.
  const atConnect = 'syscall' in error && error.syscall === 'connect';
  return BUSY.test(codeOf(error)) || atConnect || LOST.test(error.message);
}

function full(cause: unknown): RetryableError {
  return new RetryableError('storage.full', 'the ledger cannot write', {
    found: describe(cause),
    nextStep: 'free space on the disk that holds the ledger; the work resumes by itself',
    cause,
  });
}

function busy(cause: unknown): RetryableError {
  return new RetryableError('ledger.busy', 'the ledger is busy or out of reach', {
    found: describe(cause),
    nextStep: 'look for a second service on the same data folder, or whether the database answers',
    cause,
  });
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function describe(error: unknown): string {
  return error instanceof Error ? `${codeOf(error)} ${error.message}`.trim() : String(error);
}

import { type Dialect, Kysely, Migrator, type Transaction } from 'kysely';
import { PermanentError, RetryableError } from '../core/errors.js';
import type { Ledger, LedgerReader, LedgerWriter } from '../core/ports.js';
import { giveUpLease, takeLease } from './due-times.js';
import { guarded } from './faults.js';
import { createWalFlush, type Flush } from './flush.js';
import { migrations } from './migrations.js';
import { clearDelivered, undelivered } from './outbox.js';
import { createReader } from './reader.js';
import type { Schema } from './schema.js';
import { sqliteDialect } from './sqlite.js';
import { grouped, type Transact, transactions } from './transact.js';
import { endTurn, renew, requeue, take } from './work.js';
import { createWriter } from './writer.js';

export type LedgerLocation = { readonly file: string } | { readonly databaseUrl: string };

/** Opens the record of truth and brings its schema up to date. */
export async function openLedger(location: LedgerLocation): Promise<Ledger> {
  try {
    const db = await guarded(() => openDatabase(location));
    return createLedger(db, engineOf(db, location));
  } catch (error) {
    if (error instanceof RetryableError) throw error;
    throw new PermanentError('configuration.invalid', 'the ledger could not be opened', {
      where: 'file' in location ? location.file : 'DATABASE_URL',
      found: error instanceof Error ? error.message : String(error),
      nextStep: 'check that the folder is writable, or that the database exists and lets us in',
      cause: error,
    });
  }
}

async function openDatabase(location: LedgerLocation): Promise<Kysely<Schema>> {
  const db = new Kysely<Schema>({ dialect: await dialectOf(location) });
  const provider = migrations('file' in location ? 'sqlite' : 'postgres');
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return db;
  await db.destroy();
  throw error;
}

/** The client of PostgreSQL is loaded only where it is asked for. */
async function dialectOf(location: LedgerLocation): Promise<Dialect> {
  if ('file' in location) return sqliteDialect(location.file);
  const { postgresDialect } = await import('./postgres.js');
  return postgresDialect(location.databaseUrl);
}

/** How a database writes. */
interface Engine {
  readonly transact: Transact;
  readonly flush: Flush;
}

/** PostgreSQL has many connections, and flushes as it commits. */
function engineOf(db: Kysely<Schema>, location: LedgerLocation): Engine {
  const transact = transactions(db);
  const nothing = Object.assign(async () => undefined, { close: async () => undefined });
  if (!('file' in location)) return { transact, flush: nothing };
  const flush = location.file === ':memory:' ? nothing : createWalFlush(location.file);
  return { transact: grouped(transact), flush };
}

function createLedger(db: Kysely<Schema>, { transact, flush }: Engine): Ledger {
  /** Acknowledged when it survives a power cut. Leases and delivered wake-ups need not: they are void after one. */
  const acknowledge: Transact = async (body) => {
    const result = await transact(body);
    await guarded(flush);
    return result;
  };
  const writers = new WeakMap<Transaction<Schema>, LedgerWriter>();
  /** One for all turns that share a transaction. */
  const writerOf = (tx: Transaction<Schema>): LedgerWriter => {
    const writer = writers.get(tx) ?? createWriter(tx);
    writers.set(tx, writer);
    return writer;
  };
  return {
    ...guardedReader(createReader(db)),
    transaction: (body) => acknowledge((tx) => body(writerOf(tx))),
    take: (workId, leaseMs, now) => transact((tx) => take(tx, workId, leaseMs, now)),
    renew: (workId, token, leaseMs, now) => transact((tx) => renew(tx, { workId, token }, leaseMs, now)),
    finish: (work, end, effects, now) =>
      acknowledge(async (tx) => {
        if (!(await endTurn(tx, work, end, now))) return false;
        await effects(writerOf(tx));
        return true;
      }),
    undelivered: (limit) => guarded(() => undelivered(db, limit)),
    async clearDelivered(outboxIds) {
      if (outboxIds.length > 0) await transact((tx) => clearDelivered(tx, outboxIds));
    },
    takeLease: (wanted, now) => transact((tx) => takeLease(tx, wanted, now)),
    giveUpLease: (held, now) => transact((tx) => giveUpLease(tx, held, now)),
    requeue: (which, now) => transact((tx) => requeue(tx, which, now)),
    async close() {
      await flush.close();
      await db.destroy();
    },
  };
}

/** Each question is one statement and can be asked again. */
function guardedReader(reader: LedgerReader): LedgerReader {
  type Question = (...parameters: unknown[]) => Promise<unknown>;
  const questions = Object.entries(reader).map(([name, ask]: [string, Question]) => [
    name,
    (...parameters: unknown[]) => guarded(() => ask(...parameters)),
  ]);
  return Object.fromEntries(questions) as LedgerReader;
}

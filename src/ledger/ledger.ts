import { type Dialect, Kysely, Migrator, type Transaction } from 'kysely';
import { PermanentError, printable, RetryableError } from '../core/errors.js';
import type { Ledger, LedgerReader } from '../core/ports.js';
import type { WorkRecord } from '../core/records.js';
import type { StageName } from '../core/stage.js';
import { giveUpLease, takeLease } from './due-times.js';
import { putOutbox } from './enqueue.js';
import { guarded } from './faults.js';
import { createWalFlush, type Flush } from './flush.js';
import { migrations } from './migrations.js';
import { postgresDialect } from './postgres.js';
import { createReader } from './reader.js';
import { workRecord } from './rows.js';
import type { Schema } from './schema.js';
import { sqliteDialect } from './sqlite.js';
import { createWriter } from './writer.js';

export type LedgerLocation = { readonly file: string } | { readonly databaseUrl: string };

/** Opens the record of truth and brings its schema up to date. */
export async function openLedger(location: LedgerLocation): Promise<Ledger> {
  try {
    return createLedger(await guarded(() => openDatabase(location)), flushOf(location));
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
  const db = new Kysely<Schema>({ dialect: dialectOf(location) });
  const provider = migrations('file' in location ? 'sqlite' : 'postgres');
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return db;
  await db.destroy();
  throw error;
}

function dialectOf(location: LedgerLocation): Dialect {
  return 'file' in location ? sqliteDialect(location.file) : postgresDialect(location.databaseUrl);
}

/** PostgreSQL flushes as it commits. */
function flushOf(location: LedgerLocation): Flush {
  if ('file' in location && location.file !== ':memory:') return createWalFlush(location.file);
  return Object.assign(async () => undefined, { close: async () => undefined });
}

function createLedger(db: Kysely<Schema>, flush: Flush): Ledger {
  /** Acknowledged when it survives a power cut. Leases and delivered wake-ups need not: they are void after one. */
  const acknowledge = async <T>(body: (tx: Transaction<Schema>) => Promise<T>): Promise<T> => {
    const result = await transact(db, body);
    await guarded(flush);
    return result;
  };
  return {
    ...guardedReader(createReader(db)),
    transaction: (body) => acknowledge((tx) => body(createWriter(tx))),
    take: (workId, leaseMs, now) => transact(db, (tx) => take(tx, workId, leaseMs, now)),
    async renew(workId, token, leaseMs, now) {
      const result = await transact(db, (tx) =>
        tx
          .updateTable('work')
          .set({ lease_until: later(now, leaseMs) })
          .where('id', '=', workId)
          .where('token', '=', token)
          .where('state', '=', 'running')
          .executeTakeFirst(),
      );
      return Number(result.numUpdatedRows) === 1;
    },
    finish: (work, end, effects, now) =>
      acknowledge(async (tx) => {
        const ended = await tx
          .updateTable('work')
          .set({
            state: end.state,
            attempt: end.attempt ?? work.attempt,
            code: end.code,
            reason: textFor(end.reason),
            next_step: textFor(end.nextStep),
            lease_until: null,
            changed_at: now.toISOString(),
          })
          .where('id', '=', work.id)
          .where('token', '=', work.token)
          .where('state', '=', 'running')
          .executeTakeFirst();
        if (Number(ended.numUpdatedRows) !== 1) return false;
        await effects(createWriter(tx));
        if (end.notBefore !== undefined) await putOutbox(tx, work.id, end.notBefore, now);
        return true;
      }),
    async undelivered(limit) {
      const rows = await guarded(() =>
        db
          .selectFrom('outbox')
          .innerJoin('work', 'work.id', 'outbox.work_id')
          .select([
            'outbox.id as id',
            'work.id as workId',
            'work.stage as stage',
            'outbox.not_before as notBefore',
          ])
          .orderBy('outbox.id')
          .limit(limit)
          .execute(),
      );
      return rows.map((row) => ({ ...row, stage: row.stage as StageName }));
    },
    async clearDelivered(outboxIds) {
      if (outboxIds.length === 0) return;
      await transact(db, (tx) =>
        tx
          .deleteFrom('outbox')
          .where('id', 'in', [...outboxIds])
          .execute(),
      );
    },
    takeLease: (wanted, now) => transact(db, (tx) => takeLease(tx, wanted, now)),
    giveUpLease: (held, now) => transact(db, (tx) => giveUpLease(tx, held, now)),
    requeue: (which, now) => transact(db, (tx) => requeue(tx, which, now)),
    async close() {
      await flush.close();
      await db.destroy();
    },
  };
}

async function take(
  tx: Transaction<Schema>,
  workId: number,
  leaseMs: number,
  now: Date,
): Promise<WorkRecord | null> {
  const row = await tx.selectFrom('work').selectAll().where('id', '=', workId).executeTakeFirst();
  if (row === undefined) return null;
  const leased = row.state === 'running' && row.lease_until !== null && row.lease_until > now.toISOString();
  if (leased || (row.state !== 'ready' && row.state !== 'waiting' && row.state !== 'running')) return null;
  const token = row.token + 1;
  const taken = await tx
    .updateTable('work')
    .set({ state: 'running', token, lease_until: later(now, leaseMs), changed_at: now.toISOString() })
    .where('id', '=', workId)
    .where('token', '=', row.token)
    .executeTakeFirst();
  return Number(taken.numUpdatedRows) === 1 ? workRecord({ ...row, state: 'running', token }) : null;
}

/** Work that waits in a long queue is woken once more after this, which is harmless; work whose wake-up was lost at all. */
const WAKE_UP_LOST_AFTER_MS = 30_000;

async function requeue(
  tx: Transaction<Schema>,
  which: Parameters<Ledger['requeue']>[0],
  now: Date,
): Promise<number> {
  const at = now.toISOString();
  if (which === 'all-and-leased') {
    await tx.updateTable('work').set({ lease_until: at }).where('state', '=', 'running').execute();
  }
  const rows = await tx
    .selectFrom('work')
    .select(['id', 'state', 'lease_until', 'wake_at'])
    .where('state', 'in', ['ready', 'waiting', 'running'])
    .execute();
  const overdue = later(now, -WAKE_UP_LOST_AFTER_MS);
  const abandoned = rows.filter((row) => {
    if (row.state === 'running') return row.lease_until === null || row.lease_until <= at;
    return which !== 'abandoned' || row.wake_at === null || row.wake_at <= overdue;
  });
  for (const row of abandoned) {
    if (row.state === 'running') {
      await tx
        .updateTable('work')
        .set({ state: 'ready', lease_until: null })
        .where('id', '=', row.id)
        .execute();
    }
    await putOutbox(tx, row.id, null, now);
  }
  return abandoned.length;
}

/**
 * Every write, also of one statement: the embedded driver waits for its lock at the beginning only (see `sqlite.ts`).
 * Serializable, so that what a body has read still holds when it writes: a token, the lack of a row. SQLite has nothing
 * else; PostgreSQL refuses one of two that would mix (40001), and its body runs again.
 */
function transact<T>(db: Kysely<Schema>, body: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return guarded(() => db.transaction().setIsolationLevel('serializable').execute(body));
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

const LONGEST_REASON = 4000;

/** Reasons quote feeds and peers; no control character of theirs is kept. */
function textFor(text: string | null): string | null {
  return text === null ? null : printable(text, LONGEST_REASON);
}

function later(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}

import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, Migrator, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { PermanentError, RetryableError } from '../core/errors.js';
import type { Ledger } from '../core/ports.js';
import type { WorkRecord } from '../core/records.js';
import type { StageName } from '../core/stage.js';
import { migrations } from './migrations.js';
import { createReader } from './reader.js';
import { workRecord } from './rows.js';
import type { Schema } from './schema.js';
import { sqliteDialect } from './sqlite.js';
import { createWriter } from './writer.js';

export type LedgerLocation = { readonly file: string } | { readonly databaseUrl: string };

/** Opens the record of truth and brings its schema up to date. */
export async function openLedger(location: LedgerLocation): Promise<Ledger> {
  const kind = 'file' in location ? 'sqlite' : 'postgres';
  const db = new Kysely<Schema>({
    dialect:
      'file' in location
        ? sqliteDialect(location.file)
        : new PostgresDialect({ pool: new pg.Pool({ connectionString: location.databaseUrl, max: 8 }) }),
  });
  const { error } = await new Migrator({ db, provider: migrations(kind) }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw new PermanentError('internal', 'the ledger could not be opened', {
      where: 'file' in location ? location.file : 'DATABASE_URL',
      found: error instanceof Error ? error.message : String(error),
      nextStep: 'check that the folder is writable, or that the database answers',
      cause: error,
    });
  }
  return createLedger(db);
}

function createLedger(db: Kysely<Schema>): Ledger {
  return {
    ...createReader(db),
    transaction: (body) => transact(db, (tx) => body(createWriter(tx))),
    take: (workId, leaseMs, now) => transact(db, (tx) => take(tx, workId, leaseMs, now)),
    async renew(workId, token, leaseMs, now) {
      const result = await guarded(() =>
        db
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
      transact(db, async (tx) => {
        const ended = await tx
          .updateTable('work')
          .set({
            state: end.state,
            attempt: end.attempt ?? work.attempt,
            code: end.code,
            reason: end.reason,
            next_step: end.nextStep,
            lease_until: null,
            changed_at: now.toISOString(),
          })
          .where('id', '=', work.id)
          .where('token', '=', work.token)
          .where('state', '=', 'running')
          .executeTakeFirst();
        if (Number(ended.numUpdatedRows) !== 1) return false;
        await effects(createWriter(tx));
        if (end.notBefore !== undefined) await putOutbox(tx, work.id, end.notBefore);
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
      await guarded(() =>
        db
          .deleteFrom('outbox')
          .where('id', 'in', [...outboxIds])
          .execute(),
      );
    },
    requeue: (which, now) => transact(db, (tx) => requeue(tx, which, now)),
    close: () => db.destroy(),
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

async function requeue(
  tx: Transaction<Schema>,
  which: Parameters<Ledger['requeue']>[0],
  now: Date,
): Promise<number> {
  const at = now.toISOString();
  if (which === 'all-and-leased') {
    await tx.updateTable('work').set({ lease_until: at }).where('state', '=', 'running').execute();
  }
  const states = which === 'abandoned' ? ['running'] : ['ready', 'waiting', 'running'];
  const rows = await tx
    .selectFrom('work')
    .select(['id', 'state', 'lease_until'])
    .where('state', 'in', states)
    .execute();
  const abandoned = rows.filter(
    (row) => row.state !== 'running' || row.lease_until === null || row.lease_until <= at,
  );
  for (const row of abandoned) {
    if (row.state === 'running') {
      await tx
        .updateTable('work')
        .set({ state: 'ready', lease_until: null })
        .where('id', '=', row.id)
        .execute();
    }
    await putOutbox(tx, row.id, null);
  }
  return abandoned.length;
}

async function putOutbox(tx: Transaction<Schema>, workId: number, notBefore: Date | null): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ work_id: workId, not_before: notBefore?.toISOString() ?? null })
    .execute();
}

function transact<T>(db: Kysely<Schema>, body: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return guarded(() => db.transaction().execute(body));
}

/** Tries of a busy database, each after a pause in which this process can finish its own other transaction. */
const BUSY_TRIES = 60;
const BUSY_PAUSE_MS = 50;

/** A busy or full database is the outside, for now: the work is tried again and nothing of it is lost. */
async function guarded<T>(query: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await query();
    } catch (error) {
      const found = describe(error);
      if (/SQLITE_FULL|disk is full|ENOSPC|53100|disk I\/O error|SQLITE_IOERR/i.test(found)) {
        throw new RetryableError('storage.full', 'the ledger cannot write', {
          found,
          nextStep: 'free space on the disk that holds the ledger; the work resumes by itself',
          cause: error,
        });
      }
      if (!/SQLITE_BUSY|database is locked|40001|40P01|ECONNREFUSED|57P0/i.test(found)) throw error;
      if (attempt === BUSY_TRIES)
        throw new RetryableError('ledger.busy', 'the ledger is busy', { found, cause: error });
      await pause(BUSY_PAUSE_MS);
    }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${(error as { code?: string }).code ?? ''} ${error.message}`.trim();
}

function later(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}

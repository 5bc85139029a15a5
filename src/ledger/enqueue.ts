import { sql, type Transaction } from 'kysely';
import type { LedgerWriter } from '../core/ports.js';
import type { WorkState } from '../core/records.js';
import { putWakeUp, putWakeUps } from './outbox.js';
import { type Database, prepared } from './prepared.js';
import { packageIdIn } from './rows.js';
import type { Schema } from './schema.js';

type Job = Parameters<LedgerWriter['enqueue']>[0];

const FINISHED: readonly WorkState[] = ['done', 'held', 'failed'];
/** Rows of one statement: SQLite binds at most 32,766 values, and longer texts are no faster. */
const ROWS_AT_ONCE = 200;

/**
 * New work; known work becomes ready again where `again` says so, and the higher token fences off a worker that still
 * runs it. One statement, so that two that enqueue the same work at once meet at the unique key.
 */
export async function enqueue(tx: Transaction<Schema>, job: Job, now: Date): Promise<void> {
  const put = PUT[job.again === undefined ? 'false' : (`${job.again}` as const)];
  const [row] = (await put(tx, rowOf(job, now))).rows;
  if (row !== undefined) await putWakeUp(tx, { ...row, notBefore: job.notBefore?.toISOString() ?? null });
}

/** The same for many that are new: a statement per batch instead of two per job. Work that exists is left alone. */
export async function enqueueNew(
  tx: Transaction<Schema>,
  jobs: readonly Omit<Job, 'again'>[],
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  for (let first = 0; first < jobs.length; first += ROWS_AT_ONCE) {
    const inserted = await tx
      .insertInto('work')
      .values(jobs.slice(first, first + ROWS_AT_ONCE).map((job) => rowOf(job, now)))
      .onConflict((conflict) => conflict.columns(['stage', 'key']).doNothing())
      .returning(['id', 'token', 'wake_at'])
      .execute();
    await putWakeUps(
      tx,
      inserted.map((row) => ({ ...row, notBefore: row.wake_at === at ? null : row.wake_at })),
    );
  }
}

type WorkRow = ReturnType<typeof rowOf>;

const PUT = {
  false: prepared(
    (db, row: WorkRow) =>
      insertWork(db, row)
        .onConflict((conflict) => conflict.columns(['stage', 'key']).doNothing())
        .returning(['id', 'token']),
    'one',
  ),
  true: prepared(
    (db, row: WorkRow) =>
      insertWork(db, row)
        .onConflict((conflict) => conflict.columns(['stage', 'key']).doUpdateSet(renewed(row)))
        .returning(['id', 'token']),
    'one',
  ),
  'when-finished': prepared(
    (db, row: WorkRow) =>
      insertWork(db, row)
        .onConflict((conflict) =>
          conflict
            .columns(['stage', 'key'])
            .doUpdateSet(renewed(row))
            .where('work.state', 'in', [...FINISHED]),
        )
        .returning(['id', 'token']),
    'one',
  ),
};

function insertWork(db: Database, row: WorkRow) {
  return db.insertInto('work').values({
    stage: row.stage,
    key: row.key,
    input: row.input,
    state: row.state,
    token: row.token,
    attempt: row.attempt,
    product: row.product,
    version: row.version,
    variant: row.variant,
    package_id: row.package_id,
    wake_at: row.wake_at,
    created_at: row.created_at,
    changed_at: row.changed_at,
  });
}

/** Ready once more, with its own input. */
function renewed({ wake_at, changed_at }: WorkRow) {
  return {
    state: 'ready',
    token: sql<number>`work.token + 1`,
    attempt: 0,
    code: null,
    reason: null,
    next_step: null,
    lease_until: null,
    wake_at,
    changed_at,
  };
}

function rowOf(job: Job, now: Date) {
  const at = now.toISOString();
  return {
    stage: job.stage,
    key: job.key,
    input: JSON.stringify(job.input),
    state: 'ready',
    token: 0,
    attempt: 0,
    product: job.product,
    version: job.version,
    variant: job.variant,
    package_id: packageIdIn(job.input),
    wake_at: (job.notBefore ?? now).toISOString(),
    created_at: at,
    changed_at: at,
  };
}

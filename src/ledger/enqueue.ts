import type { Transaction } from 'kysely';
import type { LedgerWriter } from '../core/ports.js';
import type { WorkState } from '../core/records.js';
import { packageIdIn } from './rows.js';
import type { Schema } from './schema.js';

type Job = Parameters<LedgerWriter['enqueue']>[0];

const FINISHED: readonly WorkState[] = ['done', 'held', 'failed'];
/** Rows of one statement: SQLite binds at most 32,766 values, and longer texts are no faster. */
const ROWS_AT_ONCE = 200;

/** Two that enqueue the same work at once meet at the unique key: one inserts it, the other finds it there. */
export async function enqueue(tx: Transaction<Schema>, job: Job, now: Date): Promise<void> {
  if ((await insertWork(tx, [job], now)) === 1) return;
  const workId = await renewWork(tx, job, now);
  if (workId !== null) await putOutbox(tx, workId, job.notBefore ?? null, now);
}

/** The same for many that are new: a statement per batch instead of two per job. Work that exists is left alone. */
export async function enqueueNew(
  tx: Transaction<Schema>,
  jobs: readonly Omit<Job, 'again'>[],
  now: Date,
): Promise<void> {
  for (let first = 0; first < jobs.length; first += ROWS_AT_ONCE) {
    await insertWork(tx, jobs.slice(first, first + ROWS_AT_ONCE), now);
  }
}

/** A wake-up, and in the work itself the time at which it should have come. */
export async function putOutbox(
  tx: Transaction<Schema>,
  workId: number,
  notBefore: Date | null,
  now: Date,
): Promise<void> {
  const wakeAt = (notBefore ?? now).toISOString();
  await tx.updateTable('work').set({ wake_at: wakeAt }).where('id', '=', workId).execute();
  await tx
    .insertInto('outbox')
    .values({ work_id: workId, not_before: notBefore?.toISOString() ?? null })
    .execute();
}

/** With their wake-ups; returns how many were new. */
async function insertWork(tx: Transaction<Schema>, jobs: readonly Job[], now: Date): Promise<number> {
  const inserted = await tx
    .insertInto('work')
    .values(jobs.map((job) => rowOf(job, now)))
    .onConflict((conflict) => conflict.columns(['stage', 'key']).doNothing())
    .returning(['id', 'wake_at'])
    .execute();
  if (inserted.length === 0) return 0;
  const at = now.toISOString();
  await tx
    .insertInto('outbox')
    .values(inserted.map((row) => ({ work_id: row.id, not_before: row.wake_at === at ? null : row.wake_at })))
    .execute();
  return inserted.length;
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
    code: null,
    reason: null,
    next_step: null,
    product: job.product,
    version: job.version,
    variant: job.variant,
    package_id: packageIdIn(job.input),
    lease_until: null,
    wake_at: (job.notBefore ?? now).toISOString(),
    created_at: at,
    changed_at: at,
  };
}

/** Known work becomes ready again where `again` says so; the higher token fences off a worker that still runs it. */
async function renewWork(tx: Transaction<Schema>, job: Job, now: Date): Promise<number | null> {
  if (job.again === undefined || job.again === false) return null;
  let known = tx.updateTable('work').where('stage', '=', job.stage).where('key', '=', job.key);
  if (job.again === 'when-finished') known = known.where('state', 'in', [...FINISHED]);
  const renewed = await known
    .set((row) => ({
      state: 'ready',
      token: row('token', '+', 1),
      attempt: 0,
      code: null,
      reason: null,
      next_step: null,
      lease_until: null,
      changed_at: now.toISOString(),
    }))
    .returning('id')
    .executeTakeFirst();
  return renewed?.id ?? null;
}

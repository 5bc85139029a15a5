import type { Transaction } from 'kysely';
import type { LedgerWriter } from '../core/ports.js';
import type { WorkState } from '../core/records.js';
import type { Schema } from './schema.js';

type Job = Parameters<LedgerWriter['enqueue']>[0];

const FINISHED: readonly WorkState[] = ['done', 'held', 'failed'];

/** Two that enqueue the same work at once meet at the unique key: one inserts it, the other finds it there. */
export async function enqueue(tx: Transaction<Schema>, job: Job, now: Date): Promise<void> {
  const workId = (await insertWork(tx, job, now)) ?? (await renewWork(tx, job, now));
  if (workId === null) return;
  await putOutbox(tx, workId, job.notBefore ?? null, now);
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

async function insertWork(tx: Transaction<Schema>, job: Job, now: Date): Promise<number | null> {
  const at = now.toISOString();
  const inserted = await tx
    .insertInto('work')
    .values({
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
      lease_until: null,
      wake_at: null,
      created_at: at,
      changed_at: at,
    })
    .onConflict((conflict) => conflict.columns(['stage', 'key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id ?? null;
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

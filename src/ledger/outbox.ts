import type { Transaction } from 'kysely';
import type { OutboxRow } from '../core/ports.js';
import type { StageName } from '../core/stage.js';
import { type Database, prepared } from './prepared.js';
import type { Schema } from './schema.js';

/** Rows of one statement, as for work. */
const ROWS_AT_ONCE = 200;

/** A wake-up at that time, and in the work itself when it should have come. */
export async function putOutbox(
  tx: Transaction<Schema>,
  work: { readonly id: number; readonly token: number },
  notBefore: Date,
): Promise<void> {
  const time = notBefore.toISOString();
  await setWakeTime(tx, { workId: work.id, time });
  await putWakeUp(tx, { ...work, notBefore: time });
}

/** For many at once. */
export async function putWakeUps(
  tx: Transaction<Schema>,
  works: readonly { readonly id: number; readonly token: number; readonly notBefore?: string | null }[],
): Promise<void> {
  for (let first = 0; first < works.length; first += ROWS_AT_ONCE) {
    const rows = works
      .slice(first, first + ROWS_AT_ONCE)
      .map(({ id, token, notBefore = null }) => ({ work_id: id, token, not_before: notBefore }));
    await tx.insertInto('outbox').values(rows).execute();
  }
}

const setWakeTime = prepared((db, { workId, time }: { workId: number; time: string }) =>
  db.updateTable('work').set({ wake_at: time }).where('id', '=', workId),
);

export const putWakeUp = prepared((db, work: { id: number; token: number; notBefore: string | null }) =>
  db.insertInto('outbox').values({ work_id: work.id, token: work.token, not_before: work.notBefore }),
);

/** What the queue has not taken yet, the oldest first. */
export async function undelivered(db: Database, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await oldest(db, { limit });
  return rows.map((row) => ({ ...row, stage: row.stage as StageName }));
}

const oldest = prepared((db, { limit }: { limit: number }) =>
  db
    .selectFrom('outbox')
    .innerJoin('work', 'work.id', 'outbox.work_id')
    .select([
      'outbox.id as id',
      'work.id as workId',
      'work.stage as stage',
      'outbox.token as token',
      'outbox.not_before as notBefore',
    ])
    .orderBy('outbox.id')
    .limit(limit),
);

export async function clearDelivered(tx: Transaction<Schema>, outboxIds: readonly number[]): Promise<void> {
  await tx
    .deleteFrom('outbox')
    .where('id', 'in', [...outboxIds])
    .execute();
}

import type { Kysely, Transaction } from 'kysely';
import { RetryableError } from '../core/errors.js';
import type { Ledger, LedgerReader, LedgerWriter } from '../core/ports.js';
import type { DueTimeRecord } from '../core/records.js';
import type { Schema } from './schema.js';

type Database = Kysely<Schema> | Transaction<Schema>;

const ROWS_AT_ONCE = 500;

export function dueTimes(db: Database): Pick<LedgerReader, 'dueTimes' | 'dueBefore'> {
  return {
    async dueTimes() {
      return (await db.selectFrom('due_times').selectAll().orderBy('product_id').execute()).map(recordOf);
    },
    async dueBefore(time, limit) {
      const rows = await db
        .selectFrom('due_times')
        .selectAll()
        .where('due_at', '<=', time.toISOString())
        .orderBy('due_at')
        .orderBy('product_id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },
  };
}

export function writeDueTimes(
  tx: Transaction<Schema>,
): Pick<LedgerWriter, 'putDueTimes' | 'dropDueTimes' | 'requireLease' | 'forgetWork'> {
  return {
    async putDueTimes(records) {
      for (let first = 0; first < records.length; first += ROWS_AT_ONCE) {
        await tx
          .insertInto('due_times')
          .values(records.slice(first, first + ROWS_AT_ONCE).map(rowOf))
          .onConflict((conflict) =>
            conflict.column('product_id').doUpdateSet((row) => ({
              due_at: row.ref('excluded.due_at'),
              asked_at: row.ref('excluded.asked_at'),
              rule: row.ref('excluded.rule'),
            })),
          )
          .execute();
      }
    },
    async dropDueTimes(productIds) {
      for (let first = 0; first < productIds.length; first += ROWS_AT_ONCE) {
        const part = productIds.slice(first, first + ROWS_AT_ONCE);
        await tx.deleteFrom('due_times').where('product_id', 'in', part).execute();
      }
    },
    async requireLease(name, token) {
      const lease = await tx.selectFrom('leases').select('token').where('name', '=', name).executeTakeFirst();
      if (lease?.token === token) return;
      throw new RetryableError('ledger.busy', 'another host has taken the lease meanwhile', {
        where: name,
        expected: `token ${token}`,
        found: lease === undefined ? 'no lease' : `token ${lease.token}`,
      });
    },
    async forgetWork(stage, before) {
      const newest = tx
        .selectFrom('work')
        .select(({ fn }) => fn.max('id').as('id'))
        .where('stage', '=', stage)
        .groupBy('product');
      const result = await tx
        .deleteFrom('work')
        .where('stage', '=', stage)
        .where('state', 'in', ['done', 'held', 'failed'])
        .where('changed_at', '<', before.toISOString())
        .where('id', 'not in', newest)
        .where('id', 'not in', tx.selectFrom('outbox').select('work_id'))
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

/** Takes or prolongs a lease. Its token rises whenever it goes to another holder, and fences off the one before. */
export async function takeLease(
  tx: Transaction<Schema>,
  { name, holder, leaseMs }: Parameters<Ledger['takeLease']>[0],
  now: Date,
): Promise<number | null> {
  const known = await tx.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
  const until = new Date(now.getTime() + leaseMs).toISOString();
  if (known === undefined) {
    await tx.insertInto('leases').values({ name, holder, token: 1, until }).execute();
    return 1;
  }
  const isMine = known.holder === holder;
  if (!isMine && known.until > now.toISOString()) return null;
  const token = isMine ? known.token : known.token + 1;
  await tx.updateTable('leases').set({ holder, token, until }).where('name', '=', name).execute();
  return token;
}

/** So that another host leads at once. */
export async function giveUpLease(
  tx: Transaction<Schema>,
  { name, holder }: Parameters<Ledger['giveUpLease']>[0],
  now: Date,
): Promise<void> {
  await tx
    .updateTable('leases')
    .set({ until: now.toISOString() })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .execute();
}

function recordOf(row: Schema['due_times']): DueTimeRecord {
  return { productId: row.product_id, dueAt: row.due_at, askedAt: row.asked_at, rule: row.rule };
}

function rowOf(record: DueTimeRecord): Schema['due_times'] {
  return {
    product_id: record.productId,
    due_at: record.dueAt,
    asked_at: record.askedAt,
    rule: record.rule,
  };
}

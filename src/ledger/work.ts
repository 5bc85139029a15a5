import type { Transaction } from 'kysely';
import { printable } from '../core/errors.js';
import type { Ledger } from '../core/ports.js';
import type { WorkRecord } from '../core/records.js';
import { putOutbox, putWakeUps } from './outbox.js';
import { prepared } from './prepared.js';
import { workRecord } from './rows.js';
import type { Schema } from './schema.js';

type End = Parameters<Ledger['finish']>[1];

/** Raises the token of work that nobody else holds. */
export async function take(
  tx: Transaction<Schema>,
  workId: number,
  leaseMs: number,
  now: Date,
): Promise<WorkRecord | null> {
  const { rows } = await takeFree(tx, { workId, now: now.toISOString(), leaseUntil: later(now, leaseMs) });
  return rows[0] === undefined ? null : workRecord(rows[0]);
}

const takeFree = prepared(
  (db, { workId, now, leaseUntil }: { workId: number; now: string; leaseUntil: string }) =>
    db
      .updateTable('work')
      .set((row) => ({
        state: 'running',
        token: row('token', '+', 1),
        lease_until: leaseUntil,
        changed_at: now,
      }))
      .where('id', '=', workId)
      .where(({ eb, or, and }) =>
        or([
          eb('state', 'in', ['ready', 'waiting']),
          and([
            eb('state', '=', 'running'),
            or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]),
          ]),
        ]),
      )
      .returningAll(),
  'one',
);

/** False when another worker has taken the work meanwhile. */
export async function renew(
  tx: Transaction<Schema>,
  held: { readonly workId: number; readonly token: number },
  leaseMs: number,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } = await prolong(tx, { ...held, leaseUntil: later(now, leaseMs) });
  return numAffectedRows === 1n;
}

const prolong = prepared(
  (db, { workId, token, leaseUntil }: { workId: number; token: number; leaseUntil: string }) =>
    db
      .updateTable('work')
      .set({ lease_until: leaseUntil })
      .where('id', '=', workId)
      .where('token', '=', token)
      .where('state', '=', 'running'),
);

/** The state in which a turn leaves its work, and its next wake-up. False when the token is stale. */
export async function endTurn(
  tx: Transaction<Schema>,
  work: WorkRecord,
  end: End,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } = await setEnd(tx, {
    workId: work.id,
    token: work.token,
    state: end.state,
    attempt: end.attempt ?? work.attempt,
    code: end.code,
    reason: textFor(end.reason),
    nextStep: textFor(end.nextStep),
    now: now.toISOString(),
  });
  if (numAffectedRows !== 1n) return false;
  if (end.notBefore !== undefined) await putOutbox(tx, work, end.notBefore);
  return true;
}

const setEnd = prepared(
  (
    db,
    end: {
      workId: number;
      token: number;
      state: string;
      attempt: number;
      code: string | null;
      reason: string | null;
      nextStep: string | null;
      now: string;
    },
  ) =>
    db
      .updateTable('work')
      .set({
        state: end.state,
        attempt: end.attempt,
        code: end.code,
        reason: end.reason,
        next_step: end.nextStep,
        lease_until: null,
        changed_at: end.now,
      })
      .where('id', '=', end.workId)
      .where('token', '=', end.token)
      .where('state', '=', 'running'),
);

/** After this a wake-up that still stands in a long queue is asked for once more, which the queue knows as the same. */
const WAKE_UP_LOST_AFTER_MS = 30_000;

/**
 * What has a row in the outbox is on its way. A wake-up that may only be late keeps its name (the token); after a loss of
 * the whole queue each gets another one.
 */
export async function requeue(
  tx: Transaction<Schema>,
  which: Parameters<Ledger['requeue']>[0],
  now: Date,
): Promise<number> {
  const at = now.toISOString();
  const overdue = later(now, -WAKE_UP_LOST_AFTER_MS);
  let left = tx.updateTable('work').where('state', '=', 'running');
  if (which !== 'all-and-leased')
    left = left.where(({ eb, or }) => or([eb('lease_until', 'is', null), eb('lease_until', '<=', at)]));
  await left.set({ state: 'ready', lease_until: null, wake_at: overdue }).execute();
  let lost = tx.updateTable('work').where('state', 'in', ['ready', 'waiting']);
  if (which === 'abandoned') lost = lost.where('wake_at', '<=', overdue);
  const rows = await lost
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('outbox').select('outbox.id').whereRef('outbox.work_id', '=', 'work.id'))),
    )
    .set((row) => ({ wake_at: at, token: row('token', '+', which === 'abandoned' ? 0 : 1) }))
    .returning(['id', 'token'])
    .execute();
  await putWakeUps(tx, rows);
  return rows.length;
}

const LONGEST_REASON = 4000;

/** Reasons quote feeds and peers; no control character of theirs is kept. */
function textFor(text: string | null): string | null {
  return text === null ? null : printable(text, LONGEST_REASON);
}

function later(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}

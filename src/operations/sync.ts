import { randomUUID } from 'node:crypto';
import type { LedgerWriter } from '../core/ports.js';
import type { WorkRecord } from '../core/records.js';
import type { NextJob } from '../core/stage.js';
import { chooseProducts, type ProductChoice } from './choose-products.js';
import type { OperationsDeps, Operator } from './deps.js';
import { readOpenTrouble } from './trouble.js';

export interface SyncRequest extends ProductChoice {
  readonly operator: Operator;
}

export interface SyncStarted {
  readonly syncId: string;
  readonly productIds: readonly string[];
  /** How much held or failed work is tried again. */
  readonly retried: number;
}

/** How many feeds of a sync are in each state; a state that none is in is absent. */
export type SyncProgress = Readonly<Partial<Record<WorkRecord['state'] | 'retrying', number>>>;

/** Products of one transaction: each is short, so that nobody who writes meanwhile waits for long. */
const PRODUCTS_AT_ONCE = 500;

/**
 * Asked for by hand: one feeds job per product. What is held or failed is tried again, so that a mended cause carries the
 * line on. A crash half way leaves the rest unasked; nothing else depends on their being asked together.
 */
export async function sync(deps: OperationsDeps, request: SyncRequest): Promise<SyncStarted> {
  const wanted = chooseProducts(deps, request).map(({ id }) => id);
  const now = deps.clock.now();
  const retries = (await readOpenTrouble(deps.ledger, wanted)).work.filter(isRetried);
  const syncId = `${now.toISOString()}-${randomUUID().slice(0, 8)}`;
  for (let first = 0; first < wanted.length; first += PRODUCTS_AT_ONCE) {
    const part = wanted.slice(first, first + PRODUCTS_AT_ONCE);
    await deps.ledger.transaction((ledger) =>
      ledger.enqueueNew(
        part.map((id) => feedsJob(deps, id, syncId)),
        now,
      ),
    );
    deps.onEnqueued();
  }
  await deps.ledger.transaction(async (ledger) => {
    await retry(ledger, retries, now);
    await ledger.appendAudit({
      at: now.toISOString(),
      actor: request.operator.name,
      action: 'sync',
      subject: syncId,
      detail: JSON.stringify({ products: wanted.length, retried: retries.length }),
    });
  });
  deps.onEnqueued();
  return { syncId, productIds: wanted, retried: retries.length };
}

export function feedsJob(deps: Pick<OperationsDeps, 'describeWork'>, productId: string, syncId: string) {
  const job: NextJob = { stage: 'feeds', input: { productId, syncId } };
  return { stage: job.stage, input: job.input, ...deps.describeWork(job) };
}

/** Feeds are asked anew by the sync itself, and wake the releases that are not acquired yet. */
export function isRetried({ stage }: WorkRecord): boolean {
  return stage !== 'feeds' && stage !== 'releases';
}

export async function retry(ledger: LedgerWriter, work: readonly WorkRecord[], now: Date): Promise<void> {
  for (const one of work) await ledger.enqueue({ ...one, again: true }, now);
}

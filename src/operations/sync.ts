import { randomUUID } from 'node:crypto';
import { PermanentError } from '../core/errors.js';
import type { WorkRecord } from '../core/records.js';
import type { OperationsDeps, Operator } from './deps.js';
import { openTrouble, subjectsFrom } from './trouble.js';

export interface SyncRequest {
  /** Absent: every product of the catalog. */
  readonly productIds?: readonly string[];
  readonly operator: Operator;
}

export interface SyncStarted {
  readonly syncId: string;
  readonly productIds: readonly string[];
  /** How much held or failed work is tried again. */
  readonly retried: number;
}

/**
 * Scheduled or asked for by hand: one feeds job per product, written to the ledger in one transaction. What is held or
 * failed is tried again, so that a mended cause carries the line on.
 */
export async function sync(deps: OperationsDeps, request: SyncRequest): Promise<SyncStarted> {
  const wanted = request.productIds ?? deps.products.all().map((product) => product.id);
  for (const id of wanted) if (deps.products.get(id) === null) throw unknownProduct(deps, id);
  const now = deps.clock.now();
  const retries = await troubleOf(deps, new Set(wanted));
  const syncId = `${now.toISOString()}-${randomUUID().slice(0, 8)}`;
  await deps.ledger.transaction(async (ledger) => {
    for (const productId of wanted) {
      const job = { stage: 'feeds', input: { productId, syncId } } as const;
      await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
    }
    for (const work of retries) await ledger.enqueue({ ...work, again: true }, now);
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

/** Feeds are asked anew by the sync itself, and wake the releases that are not acquired yet. */
async function troubleOf(deps: OperationsDeps, wanted: ReadonlySet<string>): Promise<readonly WorkRecord[]> {
  const subjectOf = subjectsFrom(await deps.ledger.updates());
  const trouble = openTrouble(await deps.ledger.work(), subjectOf);
  return trouble.filter((work) => {
    const { product } = subjectOf(work);
    const isWoken = work.stage === 'feeds' || work.stage === 'releases';
    return !isWoken && (product === null || wanted.has(product));
  });
}

function unknownProduct(deps: OperationsDeps, id: string): PermanentError {
  const fault = deps.products.faults().find((one) => one.message.includes(id) || one.path.includes(id));
  return new PermanentError('not-found', 'no such product', {
    where: id,
    expected: 'the id of a definition under catalogs/products',
    found:
      fault === undefined
        ? 'no definition with this id'
        : `a definition that was set aside: ${fault.message}`,
    nextStep: 'patchpress product check',
  });
}

import { randomUUID } from 'node:crypto';
import { PermanentError } from '../core/errors.js';
import type { OperationsDeps, Operator } from './deps.js';

export interface SyncRequest {
  /** Absent: every product of the catalog. */
  readonly productIds?: readonly string[];
  readonly operator: Operator;
}

export interface SyncStarted {
  readonly syncId: string;
  readonly productIds: readonly string[];
}

/** Scheduled or asked for by hand: one feeds job per product, written to the ledger in one transaction. */
export async function sync(deps: OperationsDeps, request: SyncRequest): Promise<SyncStarted> {
  const wanted = request.productIds ?? deps.products.all().map((product) => product.id);
  for (const id of wanted) if (deps.products.get(id) === null) throw unknownProduct(deps, id);
  const now = deps.clock.now();
  const syncId = `${now.toISOString()}-${randomUUID().slice(0, 8)}`;
  await deps.ledger.transaction(async (ledger) => {
    for (const productId of wanted) {
      const job = { stage: 'feeds', input: { productId, syncId } } as const;
      await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
    }
    await ledger.appendAudit({
      at: now.toISOString(),
      actor: request.operator.name,
      action: 'sync',
      subject: syncId,
      detail: JSON.stringify({ products: wanted.length }),
    });
  });
  deps.onEnqueued();
  return { syncId, productIds: wanted };
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

import type { TestContext } from 'node:test';
import type { Policy } from '../../src/core/decide.js';
import { PermanentError } from '../../src/core/errors.js';
import type { JobQueue, Ledger } from '../../src/core/ports.js';
import type { ProductDefinition } from '../../src/core/product.js';
import type { ScheduleRule } from '../../src/core/schedule.js';
import { openLedger } from '../../src/ledger/ledger.js';
import type { ScheduledDeps } from '../../src/operations/scheduled.js';
import { nextCronTime } from '../../workers/cron.js';
import { productOf, putty64 } from '../packages/products.js';

export const START = new Date('2026-11-24T10:00:00.000Z');
export const LEAD = { name: 'schedule', token: 1 };
const AUTOMATIC: Policy = { rules: [{ products: ['*'], publish: 'automatic' }], signers: [] };

/** Synthetic definitions: `Vendor7.Product7` of the vendor `Vendor 7`. */
export function manyProducts(
  count: number,
  more: (n: number) => Partial<ProductDefinition> = () => ({}),
): readonly ProductDefinition[] {
  return Array.from({ length: count }, (_, n) => ({
    ...productOf([putty64]),
    id: `Vendor${n % 300}.Product${n}`,
    name: `Product ${n}`,
    vendor: `Vendor ${n % 300}`,
    ...more(n),
  }));
}

/** The use cases over a real ledger, on a clock that the test moves. This host leads the schedule. */
export async function openMany(
  t: TestContext,
  products: readonly ProductDefinition[],
  rules: readonly ScheduleRule[] = [],
) {
  const ledger = await openLedger({ file: ':memory:' });
  t.after(() => ledger.close());
  const world = { now: START, products };
  await ledger.takeLease({ name: LEAD.name, holder: 'test', leaseMs: 6000 }, world.now);
  const deps: ScheduledDeps = {
    ledger,
    queue: {
      counts: async () => {
        throw new PermanentError('internal', 'no queue here');
      },
    } as Pick<JobQueue, 'counts'> as JobQueue,
    content: undefined as never,
    products: {
      get: (id) => world.products.find((one) => one.id === id) ?? null,
      all: () => world.products,
      faults: () => [],
    },
    policy: AUTOMATIC,
    clock: { now: () => world.now },
    target: 'configmgr-catalog',
    describeWork: ({ input }) => {
      const { productId, syncId } = input as { productId: string; syncId: string };
      return { key: `${productId}/${syncId}`, product: productId, version: null, variant: null };
    },
    onEnqueued: () => undefined,
    rules,
    nextCronTime,
  };
  const feedsWork = async () => (await ledger.work()).filter(({ stage }) => stage === 'feeds');
  return { ledger, deps, world, feedsWork };
}

/** As a worker does it. */
export async function endWork(
  ledger: Ledger,
  id: number,
  state: 'done' | 'held' | 'failed',
  now: Date,
): Promise<void> {
  const work = await ledger.take(id, 1000, now);
  if (work === null) throw new Error(`work ${id} cannot be taken`);
  const end = { state, code: state, reason: `it is ${state}`, nextStep: null };
  await ledger.finish(work, end, async () => undefined, now);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import type { JobQueue } from '../../src/core/ports.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createRelay } from '../../workers/relay.js';

const clock = { now: () => new Date('2026-11-24T10:00:00Z') };

/** Takes each wake-up a little later, as Redis does. */
function slowQueue(woken: number[], whenWoken: () => Promise<void>): JobQueue {
  return {
    wake: async (wakeUps) => {
      woken.push(...wakeUps.map(({ workId }) => workId));
      await whenWoken();
    },
  } as Pick<JobQueue, 'wake'> as JobQueue;
}

test('a row that takes the number of one that was delivered is delivered too', async (t) => {
  const ledger = await openLedger({ file: ':memory:' });
  t.after(() => ledger.close());
  const enqueue = (key: string) =>
    ledger.transaction((tx) =>
      tx.enqueue(
        { stage: 'feeds', input: key, key, product: null, version: null, variant: null },
        clock.now(),
      ),
    );
  const woken: number[] = [];
  const passes: Promise<number>[] = [];
  const relay = createRelay({
    ledger,
    clock,
    log: silentLog,
    pollMs: 1000,
    queue: slowQueue(woken, async () => {
      // A turn that ends nudges the relay while it still delivers.
      if (woken.length === 1) passes.push(relay.deliver());
    }),
  });
  await enqueue('first');
  passes.push(relay.deliver());
  await passes[0];
  await enqueue('second');
  await enqueue('third');
  passes.push(relay.deliver());
  await Promise.all(passes);
  await relay.stop();
  assert.deepEqual(woken, [1, 2, 3]);
  assert.deepEqual(await ledger.undelivered(10), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import type { Ledger } from '../../src/core/ports.js';
import type { NextJob, Stage } from '../../src/core/stage.js';
import { overview } from '../../src/operations/overview.js';
import { settleSchedule } from '../../src/operations/scheduled.js';
import { sync } from '../../src/operations/sync.js';
import { planSync } from '../../src/operations/sync-plan.js';
import { rehearse } from '../../workers/runner.js';
import { endWork, LEAD, manyProducts, openMany, START } from './many.js';

const operator = { name: 'ada' };

async function dump(ledger: Ledger) {
  return [
    await ledger.work(),
    await ledger.undelivered(10_000),
    await ledger.dueTimes(),
    await ledger.feedStates(),
    await ledger.newestReleases(),
    await ledger.audit(['2026']),
  ];
}

test('3,400 products are each asked once, with one wake-up', async (t) => {
  const { deps, ledger, feedsWork } = await openMany(t, manyProducts(3400));
  const started = await sync(deps, { operator });
  assert.equal(started.productIds.length, 3400);
  const asked = await feedsWork();
  assert.equal(new Set(asked.map(({ product }) => product)).size, 3400);
  assert.equal(asked.length, 3400);
  assert.equal((await ledger.undelivered(10_000)).length, 3400);
  assert.equal((await ledger.audit([started.syncId])).length, 1);
  for (const { id } of asked.slice(0, 3)) await endWork(ledger, id, 'done', START);
  await endWork(ledger, asked[3]?.id ?? 0, 'failed', START);
  const counts = await ledger.countWork({ stage: 'feeds', keyEnd: `/${started.syncId}` });
  assert.deepEqual(counts, { done: 3, failed: 1, ready: 3396 });
});

test('products are chosen by id, pattern and vendor; who must not be fetched is refused with the reason', async (t) => {
  const products = manyProducts(6, (n) => {
    if (n === 3) return { tier: 'C' };
    return n === 4 ? ({ automation: 'forbidden' } as object) : {};
  });
  const { deps, ledger } = await openMany(t, products);
  const asked = async (choice: object) => (await sync(deps, { ...choice, operator })).productIds;
  assert.deepEqual(await asked({ productIds: ['vendor*.PRODUCT5', 'Vendor5.Product5'] }), [
    'Vendor5.Product5',
  ]);
  assert.deepEqual(await asked({ vendor: 'vendor 1' }), ['Vendor1.Product1']);
  assert.deepEqual(await asked({ productIds: ['Vendor*'] }), [
    'Vendor0.Product0',
    'Vendor1.Product1',
    'Vendor2.Product2',
    'Vendor5.Product5',
  ]);
  const before = await dump(ledger);
  const refusals = [
    [{ productIds: ['Vendor3.Product3'] }, { code: 'plan.refused', found: /tier C/ }],
    [{ productIds: ['Vendor4.Product4'] }, { code: 'plan.refused', found: /forbids automated download/ }],
    [{ productIds: ['Vendor0.Product0', 'No.Such'] }, { code: 'not-found', where: 'No.Such' }],
    [
      { productIds: ['Vendor3.*'] },
      { code: 'not-found', expected: 'one of the 4 that are, of 6 that are defined' },
    ],
    [{ vendor: 'Nobody' }, { code: 'not-found' }],
  ] as const;
  for (const [choice, fault] of refusals) await assert.rejects(sync(deps, { ...choice, operator }), fault);
  assert.deepEqual(await dump(ledger), before, 'and nobody was asked');
  const rows = (await overview(deps)).rows.filter(({ reason }) => reason?.startsWith('known only'));
  assert.deepEqual(
    rows.map(({ productId, state }) => [productId, state]),
    [
      ['Vendor3.Product3', 'known'],
      ['Vendor4.Product4', 'known'],
    ],
  );
});

test('a dry run says what would be asked and why, and changes nothing, also when it asks', async (t) => {
  const { deps, ledger } = await openMany(t, manyProducts(40));
  await settleSchedule(deps, LEAD);
  await ledger.transaction((tx) =>
    tx.putFeedState({
      productId: 'Vendor1.Product1',
      feedIndex: 0,
      etag: '"1"',
      lastModified: null,
      lastGoodAt: START.toISOString(),
      lastError: null,
    }),
  );
  const before = await dump(ledger);
  const plan = await planSync(deps, { productIds: ['Vendor1.Product1'] });
  const [planned] = plan.products;
  assert.equal(plan.products.length, 1);
  assert.deepEqual(planned?.validators, ['etag']);
  assert.match(planned?.why ?? '', /^never asked; due at 2026-11-24T10:00/);
  assert.match(planned?.onNewVersion ?? '', /published by itself/);
  assert.equal(planned?.found, null);
  const stage: Stage<{ productId: string }> = {
    name: 'feeds',
    parse: (input) => input as { productId: string },
    key: () => 'x',
    subject: () => null,
    async run({ productId }, context) {
      context.record((tx) => tx.putSetting('changed', 'yes'));
      context.recordAnyway((tx) => tx.putSetting('changed', 'yes'));
      if (productId === 'Vendor2.Product2') throw new Error('no answer');
      return { outcome: 'advanced', next: [{ stage: 'releases', input: { productId, version: '2.0' } }] };
    },
  };
  const asking = {
    ...deps,
    describeWork: () => ({ key: 'x', product: null, version: '2.0', variant: null }),
    rehearse: (job: NextJob) => rehearse(new Map([['feeds', stage]]), job, silentLog),
  };
  const asked = await planSync(asking, { ask: true });
  assert.equal(asked.products.length, 40);
  const found = (id: string) => asked.products.find(({ productId }) => productId === id)?.found;
  assert.deepEqual(found('Vendor1.Product1'), {
    version: '2.0',
    isNew: true,
    outcome: 'advanced',
    reason: null,
  });
  assert.equal(found('Vendor2.Product2')?.outcome, 'failed');
  assert.match(found('Vendor2.Product2')?.reason ?? '', /no answer/);
  assert.deepEqual(await dump(ledger), before);
  assert.equal(await ledger.setting('changed'), null);
});

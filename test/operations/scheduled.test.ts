import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerReader } from '../../src/core/ports.js';
import { askDue, MOST_DUE_AT_ONCE, settleSchedule } from '../../src/operations/scheduled.js';
import { endWork, LEAD, manyProducts, openMany, START } from './many.js';

const MINUTE_MS = 60_000;
const after = (minutes: number): Date => new Date(START.getTime() + minutes * MINUTE_MS);

async function drain(deps: Parameters<typeof askDue>[0]): Promise<number> {
  let asked = 0;
  for (let due = await askDue(deps, LEAD); due > 0; due = await askDue(deps, LEAD)) asked += due;
  return asked;
}

async function dueOf(ledger: LedgerReader, productId: string) {
  const record = (await ledger.dueTimes()).find((one) => one.productId === productId);
  assert.ok(record);
  return record;
}

test('the first start asks every product once within the hour, in bounded batches', async (t) => {
  const { deps, world, feedsWork, ledger } = await openMany(t, manyProducts(3400));
  await settleSchedule(deps, LEAD);
  assert.ok((await drain(deps)) < 10, 'not all at once');
  world.now = after(30);
  assert.equal(await askDue(deps, LEAD), MOST_DUE_AT_ONCE);
  await drain(deps);
  const asked = await feedsWork();
  assert.equal(asked.length, 3400);
  assert.equal(new Set(asked.map(({ product }) => product)).size, 3400);
  const next = (await ledger.dueTimes()).map(({ dueAt }) => Date.parse(dueAt) - world.now.getTime());
  assert.ok(
    next.every((ms) => ms > 0 && ms <= 67.5 * MINUTE_MS),
    'each has its next time, within an hour',
  );
});

test('after the service was down what was missed is asked once, and spread', async (t) => {
  const { deps, world, feedsWork } = await openMany(t, manyProducts(1200));
  await settleSchedule(deps, LEAD);
  world.now = after(30);
  await drain(deps);
  for (const { id } of await feedsWork()) await endWork(deps.ledger, id, 'done', world.now);
  world.now = after(30 + 5 * 24 * 60);
  await settleSchedule(deps, LEAD);
  const atOnce = await drain(deps);
  assert.ok(atOnce < 20, `${atOnce} at once`);
  world.now = new Date(world.now.getTime() + 11 * MINUTE_MS);
  await drain(deps);
  assert.equal((await feedsWork()).length, 2400, 'five days were missed, each product is asked once more');
});

test('what was asked while the clock ran ahead is asked once more, at the times of the right clock', async (t) => {
  const { deps, world, ledger, feedsWork } = await openMany(t, manyProducts(50));
  await settleSchedule(deps, LEAD);
  world.now = after(2 * 365 * 24 * 60);
  await settleSchedule(deps, LEAD);
  world.now = new Date(world.now.getTime() + 30 * MINUTE_MS);
  await drain(deps);
  for (const { id } of await feedsWork()) await endWork(deps.ledger, id, 'done', world.now);
  world.now = after(1);
  await settleSchedule(deps, LEAD);
  world.now = after(2);
  assert.equal(await drain(deps), 50);
  const latest = Math.max(...(await ledger.dueTimes()).map(({ dueAt }) => Date.parse(dueAt)));
  assert.ok(latest < after(26 * 60).getTime());
});

test('a restart within a pause of minutes moves nothing', async (t) => {
  const { deps, world, ledger } = await openMany(t, manyProducts(50));
  await settleSchedule(deps, LEAD);
  const before = await ledger.dueTimes();
  world.now = after(4);
  await settleSchedule(deps, LEAD);
  assert.deepEqual(await ledger.dueTimes(), before);
});

test('a vendor that released just now is asked often, one that is quiet once a day', async (t) => {
  const { deps, world, ledger } = await openMany(t, manyProducts(2));
  const [lively, quiet] = ['Vendor0.Product0', 'Vendor1.Product1'];
  await ledger.transaction(async (tx) => {
    for (const [productId, publishedAt] of [
      [lively, after(-30).toISOString()],
      [quiet, '2021-01-01T00:00:00Z'],
    ] as const) {
      const release = { version: '1.0', prerelease: false, publishedAt, assets: [], notesUrl: null };
      const seenAt = START.toISOString();
      await tx.putRelease({ productId, version: '1.0', seenAt, release: release as never });
    }
  });
  await settleSchedule(deps, LEAD);
  world.now = after(1);
  await drain(deps);
  const distance = async (id: string): Promise<number> => {
    const first = (await dueOf(ledger, id)).dueAt;
    world.now = new Date(first);
    await drain(deps);
    return (Date.parse((await dueOf(ledger, id)).dueAt) - Date.parse(first)) / MINUTE_MS;
  };
  assert.equal(await distance(lively), 15);
  assert.equal(await distance(quiet), 1440);
});

test('cron rules: at their times, spread; another rule gives another time', async (t) => {
  const cron = { cron: '0 3 * * *', timezone: 'Europe/Berlin', spreadMinutes: 30 };
  const { deps, world, ledger, feedsWork } = await openMany(t, manyProducts(400), [
    { products: ['*'], ...cron },
  ]);
  await settleSchedule(deps, LEAD);
  const times = (await ledger.dueTimes()).map(({ dueAt }) => dueAt);
  assert.ok(times.every((at) => at >= '2026-11-25T02:00:00.000Z' && at < '2026-11-25T02:30:00.000Z'));
  assert.ok(new Set(times).size > 350);
  world.now = new Date('2026-11-25T02:30:00.000Z');
  await drain(deps);
  assert.equal((await feedsWork()).length, 400);
  assert.ok((await ledger.dueTimes()).every(({ dueAt }) => dueAt.startsWith('2026-11-26T02:')));
  await settleSchedule({ ...deps, rules: [{ products: ['*'], ...cron, cron: '0 12 * * *' }] }, LEAD);
  assert.ok((await ledger.dueTimes()).every(({ dueAt }) => dueAt.startsWith('2026-11-25T11:')));
});

test('only what is synchronised has a time; what is not any more loses it', async (t) => {
  const products = manyProducts(4, (n) =>
    n === 1 ? { tier: 'C' } : n === 2 ? ({ automation: 'forbidden' } as object) : {},
  );
  const { deps, world, ledger } = await openMany(t, products);
  await settleSchedule(deps, LEAD);
  const scheduled = async () => (await ledger.dueTimes()).map(({ productId }) => productId);
  assert.deepEqual(await scheduled(), ['Vendor0.Product0', 'Vendor3.Product3']);
  world.products = products.slice(0, 3);
  await settleSchedule(deps, LEAD);
  assert.deepEqual(await scheduled(), ['Vendor0.Product0']);
});

test('a feed that is still being asked is not asked twice; one that failed is asked again', async (t) => {
  const { deps, world, feedsWork, ledger } = await openMany(t, manyProducts(2));
  await settleSchedule(deps, LEAD);
  world.now = after(1);
  await drain(deps);
  const [first, second] = await feedsWork();
  assert.ok(first && second);
  await endWork(ledger, first.id, 'failed', world.now);
  world.now = after(24 * 60);
  await drain(deps);
  assert.deepEqual(
    (await feedsWork()).map(({ product }) => product).sort(),
    [first.product, first.product, second.product].sort(),
  );
  const troubledMs = Date.parse((await dueOf(ledger, first.product ?? '')).dueAt) - world.now.getTime();
  assert.ok(troubledMs > 0, 'and has its next time');
});

test('a host that lost the lead writes nothing', async (t) => {
  const { deps, world, ledger, feedsWork } = await openMany(t, manyProducts(20));
  await settleSchedule(deps, LEAD);
  world.now = after(1);
  const before = await ledger.dueTimes();
  assert.equal(await ledger.takeLease({ name: 'schedule', holder: 'other', leaseMs: 6000 }, world.now), 2);
  await assert.rejects(askDue(deps, LEAD), { code: 'ledger.busy', found: 'token 2' });
  await assert.rejects(settleSchedule(deps, LEAD), { code: 'ledger.busy' });
  assert.deepEqual(await feedsWork(), []);
  assert.deepEqual(await ledger.dueTimes(), before);
});

test('turns of feeds are forgotten after a week, the newest of each product never', async (t) => {
  const { deps, world, feedsWork, ledger } = await openMany(t, manyProducts(30));
  await settleSchedule(deps, LEAD);
  for (const day of [0, 1, 9]) {
    world.now = after(day * 24 * 60 + 30);
    await drain(deps);
    for (const { id, state } of await feedsWork()) {
      if (state === 'ready') await endWork(ledger, id, 'done', world.now);
    }
    await ledger.clearDelivered((await ledger.undelivered(1000)).map(({ id }) => id));
  }
  assert.equal((await feedsWork()).length, 90);
  await settleSchedule(deps, LEAD);
  assert.equal((await feedsWork()).length, 30);
});

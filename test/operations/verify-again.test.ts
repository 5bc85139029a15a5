import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ledger } from '../../src/core/ports.js';
import type { PublicationRecord, UpdateRecord } from '../../src/core/records.js';
import { verifyAgain } from '../../src/operations/verify-again.js';
import { LEAD, openMany, START } from './many.js';

const QUARTER_MS = 15 * 60_000;
const OLD = '2026-11-01T00:00:00.000Z';

function updateOf(n: number, more: Partial<UpdateRecord> = {}): UpdateRecord {
  return {
    packageId: `p${n}`,
    productId: `Vendor.Product${n}`,
    productName: `Product ${n}`,
    version: '1.0',
    variant: 'x64',
    kind: 'update',
    route: n % 2 === 0 ? 'catalog' : 'direct',
    payloadSha256: 'aa',
    respin: 0,
    title: `Product ${n}`,
    supersedes: [],
    createdAt: OLD,
    ...more,
  };
}

function publicationOf(update: UpdateRecord, more: Partial<PublicationRecord> = {}): PublicationRecord {
  return {
    packageId: update.packageId,
    revision: 3,
    target: update.route === 'catalog' ? 'configmgr-catalog' : 'software-update-point',
    state: 'verified',
    catalogRevision: null,
    reason: null,
    proof: 'lab',
    clients: null,
    startedAt: OLD,
    changedAt: OLD,
    ...more,
  };
}

async function openVerified(
  t: Parameters<typeof openMany>[0],
  facts: readonly (readonly [UpdateRecord, Partial<PublicationRecord>])[],
) {
  const { ledger, deps, world } = await openMany(t, []);
  await ledger.transaction(async (tx) => {
    for (const [update, standing] of facts) {
      await tx.putUpdate(update);
      await tx.putPublication(publicationOf(update, standing));
    }
  });
  const describeWork: typeof deps.describeWork = ({ input }) => {
    const { packageId, runId } = input as { packageId: string; runId: string };
    return { key: `${packageId}/${runId}`, product: null, version: null, variant: null };
  };
  return { ledger, world, deps: { ...deps, describeWork, canaryEveryHours: 24 } };
}

/** Every quarter of an hour of so many hours; how many were looked at in each. */
async function watch(
  { deps, world }: Awaited<ReturnType<typeof openVerified>>,
  hours: number,
): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let look = 0; look < hours * 4; look += 1) {
    world.now = new Date(world.now.getTime() + QUARTER_MS);
    counts.push(await verifyAgain(deps, LEAD));
  }
  return counts;
}

async function lookedAt(ledger: Ledger): Promise<readonly string[]> {
  return (await ledger.work()).map(({ packageId }) => packageId ?? '').sort();
}

test('each is looked at once in a day, spread over it', async (t) => {
  const facts = Array.from({ length: 200 }, (_, n) => [updateOf(n), {}] as const);
  const many = await openVerified(t, facts);
  assert.equal(await verifyAgain(many.deps, LEAD), 0, 'a start is no reason to look at all of them');
  const counts = await watch(many, 24);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    200,
  );
  assert.equal(new Set(await lookedAt(many.ledger)).size, 200);
  assert.ok(Math.max(...counts) < 12, `${Math.max(...counts)} at once`);
});

test('only the newest of each variant, where it is verified, and not what was verified just now', async (t) => {
  const recent = new Date(START.getTime() + 23 * 3_600_000).toISOString();
  const newer = { packageId: 'p1-newer', version: '2.0', createdAt: '2026-11-02T00:00:00.000Z' };
  const many = await openVerified(t, [
    [updateOf(0), {}],
    [updateOf(1), {}],
    [updateOf(1, newer), { state: 'distributed' }],
    [updateOf(2), { state: 'superseded' }],
    [updateOf(3), { reachedAt: { verified: recent } }],
    [updateOf(4), { changedAt: recent, reachedAt: { verified: OLD } }],
  ]);
  await verifyAgain(many.deps, LEAD);
  await watch(many, 24);
  assert.deepEqual(await lookedAt(many.ledger), ['p0', 'p4']);
  const work = (await many.ledger.work()).find(({ packageId }) => packageId === 'p0');
  assert.deepEqual(work?.input, {
    packageId: 'p0',
    revision: 3,
    target: 'configmgr-catalog',
    runId: 'r3',
  });
});

test('what is looked at stays one work; what ended is begun again the next day', async (t) => {
  const many = await openVerified(t, [[updateOf(0), {}]]);
  await verifyAgain(many.deps, LEAD);
  await watch(many, 48);
  const [work] = await many.ledger.work();
  assert.ok(work);
  assert.equal(work.state, 'ready');
  const taken = await many.ledger.take(work.id, 1000, many.world.now);
  assert.ok(taken);
  const end = { state: 'failed', code: 'proof.failed', reason: 'lost', nextStep: null } as const;
  await many.ledger.finish(taken, end, async () => undefined, many.world.now);
  await watch(many, 24);
  const again = await many.ledger.work();
  assert.deepEqual(
    again.map(({ id, state, reason }) => [id, state, reason]),
    [[work.id, 'ready', null]],
  );
});

test('what came due in a long pause waits for its next turn; a clock that ran ahead only begins again', async (t) => {
  const facts = Array.from({ length: 100 }, (_, n) => [updateOf(n), {}] as const);
  const many = await openVerified(t, facts);
  await verifyAgain(many.deps, LEAD);
  many.world.now = new Date(START.getTime() + 30 * 24 * 3_600_000);
  const afterPause = await verifyAgain(many.deps, LEAD);
  assert.ok(afterPause < 15, `${afterPause} at once`);
  many.world.now = new Date(START.getTime() + 3_600_000);
  assert.equal(await verifyAgain(many.deps, LEAD), 0);
  const counts = await watch(many, 24);
  assert.ok(counts.reduce((sum, count) => sum + count, 0) >= 100 - afterPause);
});

test('a host that lost the lead enqueues nothing', async (t) => {
  const many = await openVerified(t, [[updateOf(0), {}]]);
  await many.ledger.takeLease(
    { name: 'schedule', holder: 'other', leaseMs: 6000 },
    new Date('2026-11-24T11:00:00Z'),
  );
  await assert.rejects(verifyAgain(many.deps, LEAD), { code: 'ledger.busy' });
  assert.deepEqual(await many.ledger.work(), []);
});

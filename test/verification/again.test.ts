import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import type { Canary } from '../../src/core/ports.js';
import { variantOf } from '../../src/core/product.js';
import { EXPECTED_CANARY } from '../../src/core/publication.js';
import { explain } from '../../src/operations/explain.js';
import { overview } from '../../src/operations/overview.js';
import { verifyAgain } from '../../src/operations/verify-again.js';
import { createVerificationStage } from '../../src/verification/stage.js';
import { createStageRunner, describeWork } from '../../workers/runner.js';
import { LEAD, manyProducts, openMany } from '../operations/many.js';

const ID = '11111111-2222-4333-8444-555555555555';
const OLD = '2026-11-01T00:00:00.000Z';

/** One update that was verified long ago, the schedule and the stage over a real ledger, and a canary that the test turns. */
async function openVerified(t: Parameters<typeof openMany>[0]) {
  const [product] = manyProducts(1);
  const [installer] = product?.installers ?? [];
  assert.ok(product && installer);
  const { ledger, deps, world } = await openMany(t, [product]);
  const update = {
    packageId: ID,
    productId: product.id,
    productName: product.name,
    version: '1.0',
    variant: variantOf(installer),
    kind: 'update' as const,
    route: 'catalog' as const,
    payloadSha256: 'aa',
    respin: 0,
    title: 'Product 0 1.0',
    supersedes: [],
    createdAt: OLD,
  };
  const publication = {
    packageId: ID,
    revision: 1,
    target: 'configmgr-catalog' as const,
    state: 'verified' as const,
    catalogRevision: 1,
    reason: null,
    proof: 'lab' as const,
    clients: EXPECTED_CANARY,
    startedAt: OLD,
    changedAt: OLD,
  };
  await ledger.transaction(async (tx) => {
    await tx.putUpdate(update);
    await tx.putPublication(publication);
  });
  const site = { answers: EXPECTED_CANARY };
  const canary: Canary = { proof: 'lab', verify: async () => site.answers };
  const clock = { now: () => world.now };
  const stage = createVerificationStage({ ledger, canary, clock, pollMs: 60_000 });
  const stages = new Map([['verification' as const, stage]]);
  const settings = { leaseMs: 5000, maxAttempts: 3, backoffMs: 1000 };
  const runner = createStageRunner({ ledger, clock, log: silentLog, stages, settings });
  const scheduled = {
    ...deps,
    canaryEveryHours: 24,
    describeWork: (job: Parameters<typeof describeWork>[1]) => describeWork(stages, job),
  };
  return {
    site,
    deps: scheduled,
    row: async () => (await overview(deps)).rows[0],
    /** Every look of a day, and the turns that they ask for; returns how many turns there were. */
    async passDay(): Promise<number> {
      let turns = 0;
      for (let look = 0; look < 96; look += 1) {
        world.now = new Date(world.now.getTime() + 15 * 60_000);
        if ((await verifyAgain(scheduled, LEAD)) === 0) continue;
        turns += 1;
        for (const { id } of await ledger.work()) await runner.runWork(id, new AbortController().signal);
      }
      return turns;
    },
  };
}

test('a proof that no longer holds stands as failed after verified until it holds again', async (t) => {
  const { site, deps, row, passDay } = await openVerified(t);
  await verifyAgain(deps, LEAD);
  assert.equal(await passDay(), 1);
  assert.deepEqual([(await row())?.state, (await row())?.reason], ['verified', null]);

  site.answers = { ...EXPECTED_CANARY, older: { before: 'required', after: 'required', installed: true } };
  assert.equal(await passDay(), 1);
  const lost = await row();
  assert.deepEqual([lost?.state, lost?.reached, lost?.code], ['failed', 'verified', 'proof.failed']);
  assert.match(lost?.reason ?? '', /it was verified by lab at 2026-11-01.* no longer holds/);
  assert.match(lost?.nextStep ?? '', /patchpress expire or rollback/);
  assert.equal(lost?.proof, 'lab', 'what proved it is still told');
  const { standing } = await explain(deps, ID);
  assert.match(standing[0] ?? '', /^Version 1\.0 is failed after verified: .* Next: /);
  const decided = async () =>
    (await deps.ledger.decisions(`${lost?.productId}/1.0/${lost?.variant}`)).map(({ verdict }) => verdict);
  assert.deepEqual(await decided(), ['hold']);
  await passDay();
  assert.deepEqual(await decided(), ['hold'], 'the same again is no new decision');

  site.answers = EXPECTED_CANARY;
  assert.equal(await passDay(), 1);
  const mended = await row();
  assert.deepEqual([mended?.state, mended?.reason, mended?.code], ['verified', null, null]);
  assert.deepEqual(await decided(), ['hold', 'go']);
  assert.equal(mended?.changedAt, OLD, 'it never stopped being verified');
});

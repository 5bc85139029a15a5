import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedIn, type Visitor, withDashboard } from './session.js';
import { overviewOf, row } from './world.js';

const ID = row(1).packageId;

async function trusted(visitor: Visitor): Promise<Record<string, string>> {
  const response = await visitor.send('/api/overview');
  return { origin: visitor.url, 'x-csrf-token': response.headers.get('x-csrf-token') ?? '' };
}

test('the overview as data, with the schedule', async () => {
  const overview = overviewOf([row(1)]);
  await withDashboard(overview, async (_dashboard, visitor) => {
    await signedIn(visitor);
    const response = await visitor.send('/api/overview');
    assert.match(response.headers.get('content-type') ?? '', /application\/json/);
    assert.deepEqual(await response.json(), {
      ...overview,
      schedule: [{ catalog: 'patchpress', at: '2026-11-24T12:17:00.000Z' }],
    });
  });
});

test('a POST without origin, token or form is refused and does nothing', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const { origin, ...token } = await trusted(visitor);
    const good = { packageId: ID, reason: 'because' };
    assert.equal((await visitor.postJson('/api/republish', good, token)).status, 403);
    assert.equal((await visitor.postJson('/api/republish', good, { origin: origin ?? '' })).status, 403);
    const elsewhere = { origin: 'https://evil.test', ...token };
    assert.equal((await visitor.postJson('/api/republish', good, elsewhere)).status, 403);
    assert.equal((await visitor.postJson('/api/sync', {}, elsewhere)).status, 403);
    const headers = await trusted(visitor);
    for (const body of [
      null,
      [],
      { packageId: ID },
      { packageId: 'x', reason: 'y' },
      { ...good, more: 1 },
      { ...good, reason: ' ' },
    ]) {
      const response = await visitor.postJson('/api/republish', body, headers);
      assert.equal(response.status, 400, JSON.stringify(body));
      const { error } = (await response.json()) as { error: { code: string } };
      assert.equal(error.code, 'payload.invalid');
    }
    const huge = await visitor.postJson('/api/sync', { products: ['x'.repeat(100_000)] }, headers);
    assert.equal(huge.status, 413);
    assert.deepEqual(asked, { sync: [], republish: [], perform: [] });
  });
});

test('republish and sync by API reach the operations once', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const headers = await trusted(visitor);
    const operator = { name: 'admin' };
    const started = await visitor.postJson('/api/republish', { packageId: ID, reason: 'why' }, headers);
    assert.equal(started.status, 202);
    assert.deepEqual(await started.json(), {
      packageId: ID,
      requestId: 'made',
      fromRevision: 1,
      isNew: true,
    });
    assert.deepEqual(asked.republish, [{ packageId: ID, intent: 'revise', reason: 'why', operator }]);
    const synced = await visitor.postJson('/api/sync', { products: ['vendor/product-1'] }, headers);
    assert.equal(synced.status, 202);
    assert.deepEqual(asked.sync, [{ operator, productIds: ['vendor/product-1'] }]);
    const unknown = { packageId: '00000000-0000-5000-8000-999999999999', reason: 'why' };
    const missing = await visitor.postJson('/api/republish', unknown, headers);
    assert.equal(missing.status, 404);
  });
});

test('preview, act and explain by API', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const headers = await trusted(visitor);
    const what = { verb: 'rollback', packageId: ID, to: '0.9' };
    const preview = await visitor.postJson('/api/preview', what, headers);
    assert.equal(preview.status, 200);
    const plan = (await preview.json()) as { digest: string };
    assert.equal(asked.perform.length, 0);
    const body = { what, reason: 'why', plan: plan.digest };
    assert.equal((await visitor.postJson('/api/act', body, headers)).status, 202);
    assert.deepEqual(asked.perform, [{ ...body, operator: { name: 'admin' } }]);
    const stale = await visitor.postJson('/api/act', { ...body, plan: 'cd'.repeat(32) }, headers);
    assert.equal(stale.status, 409);
    assert.equal(((await stale.json()) as { error: { code: string } }).error.code, 'plan.stale');
    for (const wrong of [{}, { what }, { ...body, plan: 'x' }, { ...body, what: { verb: 'expire' } }]) {
      assert.equal((await visitor.postJson('/api/act', wrong, headers)).status, 400, JSON.stringify(wrong));
    }
    const told = await visitor.send(`/api/explain?subject=${ID}`);
    assert.equal(((await told.json()) as { subject: string }).subject, ID);
    assert.equal((await visitor.send('/api/explain?subject=x')).status, 404);
    assert.equal((await visitor.postJson('/api/preview', what, {})).status, 403);
  });
});

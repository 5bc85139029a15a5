import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variantOf } from '../../src/core/product.js';
import type { PublicationRecord, UpdateRecord } from '../../src/core/records.js';
import { explain } from '../../src/operations/explain.js';
import { overview } from '../../src/operations/overview.js';
import { manyProducts, openMany } from './many.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 10, minute)).toISOString();

test('the way from the release to the proof is told of one update, and of all at once', async (t) => {
  const [product] = manyProducts(1);
  const [installer] = product?.installers ?? [];
  assert.ok(product && installer);
  const { deps, ledger } = await openMany(t, [product]);
  const update: UpdateRecord = {
    packageId: '11111111-2222-4333-8444-555555555555',
    productId: product.id,
    productName: product.name,
    version: '1.0',
    variant: variantOf(installer),
    kind: 'update',
    route: 'catalog',
    payloadSha256: 'aa',
    respin: 0,
    title: 'Product 0 1.0',
    supersedes: [],
    createdAt: at(3),
  };
  const standing = (state: PublicationRecord['state'], minute: number): PublicationRecord => ({
    packageId: update.packageId,
    revision: 1,
    target: 'configmgr-catalog',
    state,
    catalogRevision: 1,
    reason: null,
    proof: null,
    clients: null,
    startedAt: at(4),
    changedAt: at(minute),
  });
  const release = { version: '1.0', prerelease: false, publishedAt: at(0), assets: [], notesUrl: null };
  await ledger.transaction(async (tx) => {
    await tx.putRelease({
      productId: product.id,
      version: '1.0',
      seenAt: at(2),
      release: release as never,
    });
    await tx.putUpdate(update);
    await tx.putPublication(standing('pending', 4));
    await tx.putPublication(standing('published', 5));
    await tx.putPublication(standing('deployable', 9));
  });
  const { hops } = await explain(deps, update.packageId);
  assert.deepEqual(
    hops.map((one) => [one.hop, one.at]),
    [
      ['released', at(0)],
      ['seen', at(2)],
      ['built', at(3)],
      ['published', at(5)],
      ['deployable', at(9)],
    ],
  );
  const [row] = (await overview(deps)).rows;
  assert.deepEqual(row?.hops, hops.slice(2), 'all rows at once tell the release only of what is verified');
});

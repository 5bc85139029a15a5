import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusText } from '../../src/app/cli/status.js';
import type { ImportedPackage } from '../../src/core/imported.js';
import { createOperations } from '../../src/operations/operations.js';
import { openMany, START } from './many.js';

const OURS = { name: 'patchpress', vendorName: 'Patchpress', productName: 'Updates' };

function imported(n: number, more: Partial<ImportedPackage> = {}): ImportedPackage {
  return {
    source: 'Others',
    packageId: `id-${n}`,
    creationDate: START.toISOString(),
    sdpSha256: 'aa',
    vendor: `Vendor ${n}`,
    product: 'Tools',
    title: `Package ${n}`,
    isExpired: false,
    state: 'present',
    importedAt: START.toISOString(),
    ...more,
  };
}

test('status counts the names of all catalogs as they are exported, and warns before the limit', async (t) => {
  const { ledger, deps } = await openMany(t, []);
  const operations = createOperations({ ...deps, catalog: OURS });
  const read = async () => {
    const overview = await operations.overview();
    return { ...overview.vocabulary, text: statusText(overview, 0, {}) };
  };
  const before = await read();
  assert.deepEqual([before.all, before.level], [{ vendors: 1, products: 1 }, 'few']);
  assert.doesNotMatch(before.text, /Names in WSUS/);

  const catalog = { source: 'Others', fileSha256: null, certificates: [] };
  await ledger.transaction(async (tx) => {
    await tx.putImportedCatalog({ ...catalog, importedAt: '2026-11-24T09:00:00.000Z' });
    await tx.putImportedPackages(Array.from({ length: 7 }, (_, n) => imported(n)));
    await tx.putImportedPackages([imported(7, { state: 'withdrawn' })]);
  });
  const near = await read();
  assert.deepEqual(near.catalogs, [
    { name: 'patchpress', vendors: 1, products: 1 },
    { name: 'Others', vendors: 7, products: 7 },
  ]);
  assert.equal(near.level, 'near');
  assert.match(near.text, /nearly too many.*8 of 10 vendors.*\(patchpress 1\/1, Others 7\/7\)/);

  const editedAt = START.toISOString();
  await ledger.transaction(async (tx) => {
    await tx.putPackageEdits('id-0', { packageId: 'id-0', editedAt, hidden: true });
    await tx.putPackageEdits('id-1', {
      packageId: 'id-1',
      editedAt,
      vendor: 'Patchpress',
      product: 'Updates',
    });
  });
  const edited = await read();
  assert.deepEqual([edited.all, edited.level], [{ vendors: 6, products: 6 }, 'few']);

  await ledger.transaction(async (tx) => {
    await tx.putImportedCatalog({ ...catalog, importedAt: '2026-11-24T11:00:00.000Z' });
    await tx.putImportedPackages(Array.from({ length: 10 }, (_, n) => imported(n + 10)));
  });
  assert.match((await read()).text, /Names in WSUS are too many/);
});

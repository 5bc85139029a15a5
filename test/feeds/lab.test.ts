import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadPolicy } from '../../src/config/policy.js';
import { loadProductCatalog } from '../../src/config/products.js';
import { createContentStore } from '../../src/content/store.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { Compute, HttpClient, Ledger } from '../../src/core/ports.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { checkFeed, feedReaders, feedTypes, vantageReaders } from '../../src/feeds/index.js';
import { createFeedsStage } from '../../src/feeds/stage.js';
import { findMismatches, inspectInstaller } from '../../src/installers/index.js';
import { startVendorSite, VENDOR_HOSTS, type VendorSite } from '../../src/lab/vendor-site/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createHttpClient } from '../../src/net/index.js';
import { createReleasesStage } from '../../src/releases/stage.js';
import { verifySignature } from '../../src/trust/index.js';
import { makeAuthority, makeIdentity } from '../lab/certificates.js';
import { fixtureOf, fixtures } from '../lab/fixtures.js';
import { beginTurn } from '../packages/turns.js';
import { noFiles } from './no-files.js';

/** The shipped definitions against the lab's vendors over sockets, conditional requests and all. */
const products = loadProductCatalog(['catalogs/products'], {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
  checkFeed,
});
const policy = loadPolicy('catalogs/demo-policy.yaml');
const WINMERGE = {
  productId: 'WinMerge.WinMerge',
  version: '2.16.58',
  variant: 'x64/inno/any/machine',
};
const NEXT: Readonly<Record<string, string>> = {
  '7zip.7zip': '26.03',
  'OpenJS.NodeJS': '26.8.0',
  'WinSCP.WinSCP': '6.5.7',
};
/** Of which the lab has the vendors. */
const served = [...new Set(fixtures.shipped.map(({ productId }) => productId))].sort();
const folder = mkdtempSync(join(tmpdir(), 'lab-feeds-'));
const clock = { now: () => new Date() };
let site: VendorSite;
let http: HttpClient & { close(): void };
let ledger: Ledger;

before(async () => {
  const authority = makeAuthority('Vendor Feeds Test CA');
  const identity = makeIdentity('vendors', { usage: 'serverAuth', hosts: VENDOR_HOSTS }, authority);
  site = await startVendorSite({ port: 0, identity, fixtures });
  const place = { address: '127.0.0.1', port: site.port };
  http = createHttpClient({
    userAgent: 'test',
    perHost: { concurrency: 2, requestsPerSecond: Number.POSITIVE_INFINITY },
    hosts: Object.fromEntries(VENDOR_HOSTS.map((host) => [host, place])),
    ca: authority.certificate,
  });
  ledger = await openLedger({ file: ':memory:' });
});
after(async () => {
  http.close();
  await site.close();
  await ledger.close();
  rmSync(folder, { recursive: true });
});

async function sync(productId: string) {
  const stage = createFeedsStage({
    files: noFiles,
    products,
    ledger,
    http,
    readers: feedReaders,
    vantages: vantageReaders,
    versionSchemes,
    clock,
  });
  const turn = await beginTurn(ledger, stage, { productId, syncId: 's' });
  await turn.write();
  return turn.result;
}

async function acquire(input: unknown) {
  const content = createContentStore(folder);
  const compute = {
    run: async (_: string, { path }: { path: string }) => inspectInstaller(bufferSource(readFileSync(path))),
  } as unknown as Compute;
  const verify = (path: string) =>
    verifySignature(bufferSource(readFileSync(path)), fixtures.trust, clock.now());
  const stage = createReleasesStage({
    products,
    ledger,
    http,
    content,
    compute,
    policy,
    clock,
    verifier: { verify },
    findMismatches,
    maxInstallerBytes: 50_000_000,
    downloadTimeoutMs: 10_000,
  });
  const turn = await beginTurn(ledger, stage, input);
  await turn.write();
  return turn.result;
}

async function newest(productId: string): Promise<string | undefined> {
  const releases = await ledger.releases(productId);
  return releases.toSorted((a, b) => (a.seenAt < b.seenAt ? -1 : 1)).at(-1)?.version;
}

test('every shipped product shows the version that its vendor shows, and why not is nowhere', async () => {
  for (const id of served) {
    assert.equal((await sync(id)).outcome, 'advanced', id);
    const current = fixtures.shipped.find((one) => one.productId === id && one.stage === 'current');
    assert.equal(await newest(id), current?.version, id);
  }
  const states = await ledger.feedStates();
  assert.equal(states.length, 15);
  for (const { productId, lastError, etag } of states)
    assert.deepEqual([lastError, etag === null], [null, false], productId);
});

test('winget confirms what the vendors show', async () => {
  for (const id of ['7zip.7zip', 'WinMerge.WinMerge', 'WinSCP.WinSCP']) {
    const version = (await newest(id)) ?? '';
    const said = (await ledger.release(id, version))?.release.secondVantage;
    assert.equal(said?.version, version, id);
    const shipped = fixtures.shipped.filter((one) => one.productId === id && one.version === version);
    for (const { sha256, url } of shipped)
      assert.ok(
        said.assets.some((one) => one.url === url && one.digests.sha256 === sha256),
        id,
      );
  }
});

test('a manifest that states another file holds the vendor, until it is corrected', async () => {
  site.setFault(WINMERGE.productId, 'second-vantage-differs');
  await sync(WINMERGE.productId);
  const held = await acquire(WINMERGE);
  assert.ok(held.outcome === 'held', held.outcome);
  assert.equal(held.code, 'vantage-disagrees');
  site.setFault(WINMERGE.productId, null);
  const again = await sync(WINMERGE.productId);
  assert.ok(again.outcome === 'advanced');
  assert.deepEqual(again.next, [{ stage: 'releases', input: WINMERGE, again: 'when-finished' }]);
  const accepted = await acquire(WINMERGE);
  assert.ok(accepted.outcome === 'advanced', JSON.stringify(accepted));
  assert.match(accepted.summary ?? '', /unsigned, and its digest is the one that was stated/);
  const { sha256 } = fixtureOf(WINMERGE.productId, WINMERGE.version, WINMERGE.variant);
  assert.equal(
    (await ledger.installer(WINMERGE.productId, WINMERGE.version, WINMERGE.variant))?.sha256,
    sha256,
  );
});

test('three vendors release again: exactly those show something new, all others have not changed', async () => {
  for (const id of Object.keys(NEXT)) site.release(id);
  for (const id of served) {
    const before = await newest(id);
    await sync(id);
    assert.equal(await newest(id), NEXT[id] ?? before, id);
  }
});

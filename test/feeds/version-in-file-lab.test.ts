import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import { bufferSource } from '../../src/core/bytes.js';
import type { Compute, Download, HttpClient, Ledger } from '../../src/core/ports.js';
import { type ProductDefinition, variantOf } from '../../src/core/product.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { feedReaders } from '../../src/feeds/index.js';
import { createFeedsStage } from '../../src/feeds/stage.js';
import { findMismatches, inspectInstaller } from '../../src/installers/index.js';
import { startVendorSite, VENDOR_HOSTS, type VendorSite } from '../../src/lab/vendor-site/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createHttpClient } from '../../src/net/index.js';
import { acquireFile } from '../../src/releases/acquire.js';
import { createReleasesStage } from '../../src/releases/stage.js';
import { verifySignature } from '../../src/trust/index.js';
import { nullsoftDefinition } from '../installers/definitions.js';
import { makeAuthority, makeIdentity } from '../lab/certificates.js';
import { fixtures } from '../lab/fixtures.js';
import { beginTurn } from '../packages/turns.js';

/** Real installers over sockets, at an address that stands for a fixed one: of each technology the first. */
const folder = mkdtempSync(join(tmpdir(), 'lab-files-'));
const clock = { now: () => new Date() };
const current = fixtures.shipped.filter(({ stage, signer }) => stage === 'current' && signer !== null);
const files = ['msi', 'nullsoft', 'inno'].flatMap(
  (technology) => current.find((one) => one.technology === technology) ?? [],
);
let site: VendorSite;
let http: HttpClient & { close(): void };
let ledger: Ledger;
let downloads = 0;

before(async () => {
  const authority = makeAuthority('Vendor Files Test CA');
  const identity = makeIdentity('vendors', { usage: 'serverAuth', hosts: VENDOR_HOSTS }, authority);
  site = await startVendorSite({ port: 0, identity, fixtures });
  const client = createHttpClient({
    userAgent: 'test',
    perHost: { concurrency: 2, requestsPerSecond: Number.POSITIVE_INFINITY },
    hosts: Object.fromEntries(VENDOR_HOSTS.map((host) => [host, { address: '127.0.0.1', port: site.port }])),
    ca: authority.certificate,
  });
  const download = (request: Parameters<HttpClient['download']>[0]): Promise<Download> => {
    downloads += 1;
    return client.download(request);
  };
  http = { get: client.get, download, close: client.close };
  ledger = await openLedger({ file: ':memory:' });
});
after(async () => {
  http.close();
  await site.close();
  await ledger.close();
  rmSync(folder, { recursive: true });
});

function stagesFor(product: ProductDefinition) {
  const deps = {
    products: { get: () => product, all: () => [product], faults: () => [] },
    ledger,
    http,
    content: createContentStore(folder),
    compute: {
      run: async (_: string, { path }: { path: string }) =>
        inspectInstaller(bufferSource(readFileSync(path))),
    } as unknown as Compute,
    clock,
    maxInstallerBytes: 50_000_000,
    downloadTimeoutMs: 10_000,
  };
  const verify = async (path: string) =>
    verifySignature(bufferSource(readFileSync(path)), fixtures.trust, clock.now());
  return {
    feeds: createFeedsStage({
      ...deps,
      files: { ...deps, acquireFile: (url, signal) => acquireFile(deps, url, signal) },
      readers: feedReaders,
      vantages: new Map(),
      versionSchemes,
    }),
    releases: createReleasesStage({
      ...deps,
      verifier: { verify },
      findMismatches,
      policy: { rules: [], signers: [{ product: '*', subject: { beginsWith: 'CN=' }, accept: true }] },
    }),
  };
}

test('there is one of each technology', () => {
  assert.deepEqual(
    files.map(({ technology }) => technology),
    ['msi', 'nullsoft', 'inno'],
  );
});

for (const file of files) {
  test(`${file.fileName} tells its version, is acquired from the store, and is fetched once`, async () => {
    const { technology, architecture, url } = file;
    const { assetPattern: _, ...installer } = nullsoftDefinition({
      technology,
      architecture,
      urlTemplate: url,
      arguments: '/ALLUSERS',
    });
    const product: ProductDefinition = {
      id: `Lab.${technology}`,
      name: 'App',
      vendor: 'Lab',
      tier: 'B',
      versionScheme: 'numeric',
      classification: 'Updates',
      feeds: [{ type: 'static-download', url }],
      installers: [installer],
    };
    const { feeds, releases } = stagesFor(product);
    downloads = 0;
    const sync = async () => {
      const turn = await beginTurn(ledger, feeds, { productId: product.id, syncId: 's' });
      await turn.write();
      return turn.result;
    };
    assert.equal((await sync()).outcome, 'advanced');
    const [record] = await ledger.releases(product.id);
    assert.ok(record);
    assert.equal(versionSchemes.get('numeric')?.compare(record.version, file.version), 0, record.version);
    const { version } = record;
    const input = { productId: product.id, version, variant: variantOf(installer) };
    const turn = await beginTurn(ledger, releases, input);
    assert.equal(turn.result.outcome, 'advanced', JSON.stringify(turn.result));
    await turn.write();
    assert.equal((await ledger.installer(product.id, version, input.variant))?.sha256, file.sha256);
    assert.equal((await sync()).outcome, 'unchanged');
    assert.equal(downloads, 1);
  });
}

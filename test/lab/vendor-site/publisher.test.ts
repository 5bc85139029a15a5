import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadProductCatalog } from '../../../src/config/products.js';
import { PROJECT_ROOT } from '../../../src/config/project-root.js';
import { bufferSource } from '../../../src/core/bytes.js';
import type { ArpEvidence } from '../../../src/core/installer.js';
import { type ProductDefinition, variantOf } from '../../../src/core/product.js';
import type { Release } from '../../../src/core/release.js';
import { versionSchemes } from '../../../src/core/versions/index.js';
import { feedReaders, feedTypes } from '../../../src/feeds/index.js';
import { findMismatches, inspectInstaller, installerTechnologies } from '../../../src/installers/index.js';
import {
  type Fixture,
  startVendorSite,
  VENDOR_HOSTS,
  type VendorSite,
} from '../../../src/lab/vendor-site/index.js';
import { selectAsset } from '../../../src/releases/select.js';
import { verifySignature } from '../../../src/trust/index.js';
import { makeAuthority, makeIdentity } from '../certificates.js';
import { fixtureOf, fixtures } from '../fixtures.js';
import { createVendorClient, type VendorClient } from './client.js';

/** What the publisher's own parts make of the vendor site: the lab fits the shipped definitions. */
const SERVED = [...new Set(fixtures.shipped.map(({ productId }) => productId))];
const products = loadProductCatalog([join(PROJECT_ROOT, 'catalogs/products')], {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
});
const authority = makeAuthority('Vendor Site Test CA');
let site: VendorSite;
let client: VendorClient;

before(async () => {
  const identity = makeIdentity('vendors', { usage: 'serverAuth', hosts: VENDOR_HOSTS }, authority);
  site = await startVendorSite({ port: 0, identity, fixtures });
  client = createVendorClient(site.port, authority.certificate);
});
after(() => site.close());

function definitionOf(productId: string): ProductDefinition {
  const product = products.get(productId);
  assert.ok(product !== null, productId);
  return product;
}

/** A definition may have more variants than the lab ships. */
function shippedInstallers(product: ProductDefinition): ProductDefinition['installers'] {
  return product.installers.filter((definition) =>
    fixtures.shipped.some((one) => one.productId === product.id && one.variant === variantOf(definition)),
  );
}

function currentOf(productId: string): Fixture {
  const found = fixtures.shipped.find((one) => one.productId === productId && one.stage === 'current');
  assert.ok(found !== undefined, productId);
  return found;
}

async function newestRelease(product: ProductDefinition): Promise<Release | undefined> {
  const [options] = product.feeds;
  const reader = options === undefined ? undefined : feedReaders.get(options.type);
  const scheme = versionSchemes.get(product.versionScheme);
  assert.ok(options !== undefined && reader !== undefined && scheme !== undefined);
  const asked = reader.request(options);
  const answer = await client.get(asked.url, asked.headers);
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
  );
  return reader.parse(
    { status: answer.status, finalUrl: asked.url, headers, body: answer.body },
    options,
    scheme,
  )[0];
}

for (const productId of SERVED) {
  test(`${productId}: the shipped definition finds the newest release and its files`, async () => {
    const product = definitionOf(productId);
    const release = await newestRelease(product);
    assert.ok(release !== undefined);
    for (const definition of shippedInstallers(product)) {
      const fixture = fixtureOf(productId, release.version, variantOf(definition));
      const asset = selectAsset(release, definition);
      assert.equal(asset.url, fixture.url);
      assert.ok(asset.digests.sha256 === null || asset.digests.sha256 === fixture.sha256);
      const { body } = await client.follow(asset.url);
      assert.equal(createHash('sha256').update(body).digest('hex'), fixture.sha256);
      const inspection = inspectInstaller(bufferSource(body));
      assert.deepEqual(findMismatches(inspection, definition, release.version), []);
      const technology = installerTechnologies.get(definition.technology);
      const rows: readonly ArpEvidence[] =
        technology?.evidence(inspection, definition, release.version) ?? [];
      const [row] = rows;
      const { registry, registryView } = fixture.installs;
      const written = Object.values(registry).find((key) => key.DisplayName?.value === row?.displayName);
      assert.ok(written !== undefined, `${row?.displayName} is what the installer writes`);
      assert.deepEqual(
        [
          registryView,
          written.DisplayVersion?.value,
          written.Publisher?.value,
          written.WindowsInstaller?.value,
        ],
        [row?.view, row?.displayVersion, row?.publisher, row?.windowsInstaller === true ? 1 : undefined],
      );
    }
    assert.equal(release.version, currentOf(productId).version);
  });
}

test('what the vendors ship is signed by whom the manifest says, at a time that is proven', async () => {
  for (const fixture of fixtures.shipped.filter(({ stage }) => stage !== 'next')) {
    const { body } = await client.follow(fixture.url);
    const report = await verifySignature(bufferSource(body), fixtures.trust, new Date());
    if (fixture.signer === null) {
      assert.equal(report.status, 'unsigned');
      continue;
    }
    assert.equal(report.status, 'valid', `${fixture.fileName} ${JSON.stringify(report)}`);
    if (report.status !== 'valid') continue;
    assert.equal(report.signer.subject, fixture.signer);
    assert.equal(report.timestamp?.time.slice(0, 10), fixture.releasedAt.slice(0, 10));
    assert.equal(report.timestamp?.authority, 'CN=Patchpress Lab Vendor Timestamps, O=Patchpress Lab');
  }
});

test('each fault of a file is what trust says of it', async () => {
  for (const productId of SERVED) {
    const fixture = currentOf(productId);
    if (fixture.signer === null) continue;
    const reportUnder = async (fault: 'unsigned' | 'changed-signer' | 'wrong-digest') => {
      site.setFault(productId, fault);
      const { body } = await client.follow(fixture.url);
      site.setFault(productId, null);
      return verifySignature(bufferSource(body), fixtures.trust, new Date());
    };
    assert.equal((await reportUnder('unsigned')).status, 'unsigned');
    const changed = await reportUnder('changed-signer');
    assert.equal(changed.status === 'valid' && changed.signer.subject, 'CN=Another Vendor, O=Patchpress Lab');
    const damaged = await reportUnder('wrong-digest');
    assert.equal(damaged.status === 'invalid' && damaged.reason, 'digest-mismatch', fixture.fileName);
  }
});

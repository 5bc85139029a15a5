import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadProductCatalog } from '../../src/config/products.js';
import { createContentStore } from '../../src/content/store.js';
import type { ApplicabilityRules } from '../../src/core/applicability.js';
import { bufferSource } from '../../src/core/bytes.js';
import { evaluateUpdate, mergeRules } from '../../src/core/evaluate.js';
import type { Machine } from '../../src/core/machine.js';
import type { Ledger } from '../../src/core/ports.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { feedTypes } from '../../src/feeds/index.js';
import { inspectInstaller, installerTechnologies } from '../../src/installers/index.js';
import { type Fixture, loadFixtures } from '../../src/lab/vendor-site/fixtures.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createPackagesStage } from '../../src/packages/stage.js';
import { readSdp } from '../../src/sus/sdp/index.js';
import { mustRun } from '../formats/programs.js';
import { inlineCompute } from '../publishing/line.js';
import { beginTurn } from './turns.js';

/** The definitions that are shipped, on real installers; what these really install is told by the script that built them. */
const fixtures = loadFixtures('src/lab/vendor-site/fixtures');
const products = loadProductCatalog(['catalogs/products'], {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
});
const SCHEMA = '../shared/schemas/microsoft/strict/SoftwareDistributionPackage.xsd';
const folder = mkdtempSync(join(tmpdir(), 'shipped-'));
after(() => rmSync(folder, { recursive: true }));
const content = createContentStore(join(folder, 'content'));

async function acquire(ledger: Ledger, fixture: Fixture): Promise<void> {
  const { productId, version, variant, url, fileName, sha256, sizeBytes, releasedAt } = fixture;
  const bytes = fixtures.read(fixture);
  const release = {
    version,
    prerelease: false,
    publishedAt: releasedAt,
    assets: [],
    notesUrl: null,
    withdrawn: false,
  };
  await ledger.transaction(async (tx) => {
    await tx.putSetting('site.id', 'lab');
    await tx.putRelease({ productId, version, seenAt: '2026-11-24T00:00:00.000Z', release });
    await tx.putInstaller({
      productId,
      version,
      variant,
      url,
      fileName,
      sha256,
      sha1: createHash('sha1').update(bytes).digest('hex'),
      sizeBytes,
      modified: '2026-08-01T00:00:00Z',
      signature: { status: 'unsigned' },
      inspection: inspectInstaller(bufferSource(bytes), fileName),
      acquiredAt: '2026-11-24T00:00:00.000Z',
    });
  });
}

async function packaged(fixture: Fixture): Promise<Buffer> {
  const ledger = await openLedger({ file: ':memory:' });
  await acquire(ledger, fixture);
  const stage = createPackagesStage({
    products,
    ledger,
    content,
    compute: inlineCompute,
    technologies: installerTechnologies,
    versionSchemes,
    catalog: { vendorName: 'Patchpress', productName: 'Patchpress Updates' },
    contentBaseUrl: 'https://patchpress.lab',
    policy: { rules: [{ products: ['*'], publish: 'automatic' }], signers: [] },
    clock: { now: () => new Date('2026-11-24T10:00:00.000Z') },
  });
  const { productId, version, variant } = fixture;
  const { result, write } = await beginTurn(ledger, stage, { productId, version, variant, revise: null });
  assert.equal(result.outcome, 'advanced');
  await write();
  const [update] = await ledger.updates();
  const revision = await ledger.latestRevision(update?.packageId ?? '');
  return content.get(revision?.sdpSha256 ?? '');
}

function machineWith(fixture: Fixture | null, architecture: 'x64' | 'arm64'): Machine {
  const { registry, registryView } = fixture?.installs ?? { registry: {}, registryView: '64' };
  return {
    os: {
      version: '10.0.22631.0',
      productType: 1,
      suiteMask: 256,
      architecture,
      language: 'en-US',
      muiLanguages: [],
    },
    registry: { '64': {}, '32': {}, [registryView]: registry },
    files: [],
    msi: { products: [], patches: [] },
    wmi: [],
    processors: 2,
  };
}

function rulesOf(sdp: Buffer): ApplicabilityRules {
  const { isInstalled, isInstallable, installableItems } = readSdp(sdp, 'the document');
  const item = installableItems[0]?.applicabilityRules;
  assert.ok(item);
  return mergeRules({ isInstalled, isInstallable }, item);
}

test('every definition is sound', () => {
  assert.deepEqual(products.faults(), []);
});

const variants = new Map(fixtures.shipped.map((one) => [`${one.productId} ${one.variant}`, one]));
for (const [name, current] of variants) {
  describe(name, () => {
    const older = fixtures.shipped.find(
      (one) => one.productId === current.productId && one.variant === current.variant,
    );

    test('its rules are right on machines with what the files really install', async () => {
      const rules = rulesOf(await packaged(current));
      const windows = current.architecture === 'arm64' ? 'arm64' : 'x64';
      assert.ok(older && older.version !== current.version);
      const stateOn = (fixture: Fixture | null) => evaluateUpdate(rules, machineWith(fixture, windows)).state;
      assert.deepEqual(
        { missing: stateOn(null), older: stateOn(older), current: stateOn(current) },
        { missing: 'notApplicable', older: 'required', current: 'installed' },
      );
      const others = fixtures.shipped.filter(
        (one) => one.productId !== current.productId || one.variant !== current.variant,
      );
      for (const other of others)
        assert.equal(stateOn(other), 'notApplicable', `${other.productId} ${other.variant}`);
    });

    test('its document is valid by the schema', async (t) => {
      const file = join(folder, `${current.sha256}.sdp`);
      writeFileSync(file, await packaged(current));
      if (!existsSync(SCHEMA)) return t.skip('the schemas in ../shared are absent');
      mustRun(t, 'xmllint', ['--noout', '--schema', SCHEMA, file], '.');
    });
  });
}

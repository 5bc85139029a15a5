import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { loadProductCatalog } from '../../src/config/products.js';
import { PermanentError } from '../../src/core/errors.js';
import { type InstallerDefinition, type ProductDefinition, variantOf } from '../../src/core/product.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { feedTypes } from '../../src/feeds/index.js';
import { installerTechnologies } from '../../src/installers/index.js';
import { composeUpdate } from '../../src/packages/compose.js';
import { resolveDetection } from '../../src/packages/detection.js';
import { validateDocument } from '../../src/sus/sdp/index.js';
import { mustRun, temporaryFolder } from '../formats/programs.js';
import { SCHEMA } from '../sus/samples.js';
import { inspectionOf, installerRecordOf, PRODUCT_CODE, rowOf } from './products.js';

/** `PATCHPRESS_ALL_PRODUCTS=1`: every one; else this many, spread over all. */
const SPREAD = 300;
const BATCH = 500;
const NOW = new Date('2026-11-24T10:00:00.000Z');
const VERSIONS = ['1.2.3', '1.2.3.4', '1.2', '12', '2026-01-31'];
const PROVES = { msi: 'msi-tables', inno: 'inno-header', burn: 'burn-manifest' } as const;

const catalog = loadProductCatalog(['catalogs/products'], {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
});
const wanted = catalog
  .all()
  .filter(({ tier }) => tier !== 'C')
  .flatMap((product) => product.installers.map((definition) => ({ product, definition })));
const step =
  process.env.PATCHPRESS_ALL_PRODUCTS === '1' ? 1 : Math.max(1, Math.floor(wanted.length / SPREAD));
const chosen = wanted.filter((_, index) => index % step === 0);

/** The facts that a file of this definition would show, where none is at hand. */
function sourceOf(product: ProductDefinition, definition: InstallerDefinition) {
  const scheme = versionSchemes.get(product.versionScheme);
  const technology = installerTechnologies.get(definition.technology);
  assert.ok(scheme && technology);
  const version = VERSIONS.find((one) => scheme.toFourParts(one) !== null) ?? '1.2.3';
  const isMsi = definition.technology === 'msi';
  const proof = Object.entries(PROVES).find(([name]) => name === definition.technology)?.[1];
  const row = rowOf({
    view: definition.architecture === 'x86' ? '32' : '64',
    key: isMsi ? PRODUCT_CODE : `${product.id}_is1`,
    displayName: `${product.name} ${version}`,
    displayVersion: version,
    publisher: product.vendor,
    windowsInstaller: isMsi,
  });
  const inspection = inspectionOf({
    technology: definition.technology,
    architecture: definition.architecture,
    productName: product.name,
    publisher: product.vendor,
    version: '1.2.3.0',
    productCode: isMsi ? PRODUCT_CODE : null,
    arp: proof === undefined ? [] : [{ ...row, source: proof }],
  });
  const fileName = isMsi ? 'setup.msi' : 'setup.exe';
  const installer = installerRecordOf(definition, version, { productId: product.id, inspection, fileName });
  const evidence = technology.evidence(inspection, definition, version);
  return {
    product,
    definition,
    variant: variantOf(definition),
    kind: 'update' as const,
    release: {
      productId: product.id,
      version,
      seenAt: NOW.toISOString(),
      release: {
        version,
        prerelease: false,
        publishedAt: null,
        assets: [],
        notesUrl: null,
        withdrawn: false,
      },
    },
    installer,
    scheme,
    evidence,
    detection: resolveDetection(definition, evidence, version),
    known: [],
    siteId: 'lab',
  };
}

const publisher = {
  catalog: { vendorName: 'Patchpress', productName: 'Patchpress Updates' },
  contentBaseUrl: 'https://patchpress.lab',
};

test(`documents of ${chosen.length} of ${wanted.length} installers in tiers A and B are valid`, (t) => {
  if (!existsSync(SCHEMA)) return t.skip('the schemas in ../shared are absent');
  const folder = temporaryFolder(t);
  const faults: string[] = [];
  const held: string[] = [];
  const files: string[] = [];
  for (const { product, definition } of chosen) {
    const name = `${product.id} ${variantOf(definition)}`;
    const source = sourceOf(product, definition);
    if (source.detection === null) {
      held.push(name);
      continue;
    }
    try {
      const { update, sdpAt } = composeUpdate(source, publisher, NOW);
      const sdp = sdpAt('2026-11-24T10:00:00Z');
      faults.push(
        ...validateDocument(sdp, name, update.route).findings.map((one) => `${name}: ${JSON.stringify(one)}`),
      );
      writeFileSync(join(folder, `${files.length}.sdp`), sdp);
      files.push(`${files.length}.sdp`);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      faults.push(`${name}: ${error.message} ${JSON.stringify(error)}`);
    }
  }
  t.diagnostic(`${files.length} documents, ${held.length} held for want of a proof of detection`);
  assert.deepEqual(faults, []);
  assert.ok(files.length > 0);
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    mustRun(t, 'xmllint', ['--noout', '--nonet', '--schema', resolve(SCHEMA), ...batch], folder);
  }
  return undefined;
});

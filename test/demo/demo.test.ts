import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { DemoReport } from '../../src/app/demo/report.js';
import { EXPECTED_CANARY } from '../../src/core/publication.js';
import { runProgram } from '../formats/programs.js';
import { type DemoRun, publicationsOf, runDemo, temporaryFolder } from './run.js';

const CATALOG_CHECK = '../shared/tools/catalog_check.py';
const SCHEMA = '../shared/schemas/microsoft/strict/SoftwareDistributionPackage.xsd';

describe('the main job', () => {
  const dataDir = temporaryFolder('demo');
  let first: DemoRun;
  let report: DemoReport;

  before(async () => {
    first = await runDemo(dataDir);
    assert.equal(first.code, 0, `${first.stdout}\n${first.stderr}`);
    assert.ok(first.report);
    report = first.report;
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  test('every update is verified by three clients behind the gateway', () => {
    assert.ok(report.products >= 4);
    assert.ok(report.updates.length >= report.products);
    for (const update of report.updates.filter(({ state }) => state !== 'superseded')) {
      assert.equal(update.state, 'verified', update.product);
      assert.equal(update.proof, 'lab');
      assert.deepEqual(update.clients, EXPECTED_CANARY);
    }
    assert.deepEqual(report.trouble, []);
    assert.equal(report.ok, true);
  });

  test('what the table says is on disk, with the digests it says', () => {
    for (const { content, installer, sdp } of report.updates) {
      for (const file of [content, installer]) {
        assert.ok(file);
        assert.equal(createHash('sha256').update(readFileSync(file.path)).digest('hex'), file.sha256);
      }
      assert.ok(readFileSync(sdp.path, 'utf8').includes('SoftwareDistributionPackage'));
    }
  });

  test('three vendors release again: three updates take the place of the old, which nobody is told of', () => {
    const { secondRelease: second, updates, products } = report;
    assert.deepEqual([products, updates.length, report.publishedNow], [12, 15, 15]);
    assert.deepEqual([...(second?.products ?? [])].sort(), ['7zip.7zip', 'OpenJS.NodeJS', 'WinSCP.WinSCP']);
    assert.deepEqual(
      [second?.feedsAsked, second?.feedsNotModified, second?.acquired, second?.published],
      [12, 9, 3, 3],
    );
    const superseded = updates.filter(({ state }) => state === 'superseded');
    assert.deepEqual(
      superseded.map(({ product, isOffered }) => [product, isOffered]),
      [
        ['7zip.7zip', false],
        ['OpenJS.NodeJS', false],
        ['WinSCP.WinSCP', false],
      ],
    );
    for (const { packageId } of superseded) {
      const superseder = updates.find((one) => one.supersedes.includes(packageId));
      assert.equal(superseder?.state, 'verified');
      assert.equal(superseder?.isOffered, true);
    }
  });

  test('what its vendor does not sign goes directly, in both modes, and says why', () => {
    const direct = report.updates.filter(({ route }) => route === 'direct');
    assert.deepEqual([...new Set(direct.map(({ product }) => product))].sort(), [
      '7zip.7zip',
      'WinMerge.WinMerge',
    ]);
    for (const update of report.updates) {
      const { product, route, routeReason, content, installer, catalogRevision, sdp } = update;
      const signer =
        product === 'WinMerge.WinMerge' ? 'CN=Patchpress Lab Content' : 'CN=WSUS Publishers Self-signed';
      assert.ok(content?.signer.startsWith(signer), `${product}: ${content?.signer}`);
      const isDirect = route === 'direct';
      assert.match(routeReason ?? '', isDirect ? /does not sign it/ : /vendor signed it/);
      assert.deepEqual([installer?.signer === null, catalogRevision === null], [isDirect, isDirect], product);
      assert.equal(readFileSync(sdp.path, 'utf8').includes('OriginUri'), !isDirect, product);
    }
    assert.match(first.stdout, /^direct {2}WinMerge\.WinMerge 2\.16\.58: its vendor does not sign it/m);
  });

  test('the catalog passes readers and verifiers that are not ours', (t) => {
    assert.ok(report.catalog);
    const cab = join(dataDir, 'catalog.cab');
    copyFileSync(report.catalog.path, cab);
    const { trust } = report.lab;
    const checks: readonly (readonly [string, readonly string[]])[] = [
      ['cabextract', ['-t', cab]],
      ['gcab', ['-t', cab]],
      ['7z', ['t', cab]],
      [
        'osslsigncode',
        ['verify', '-CAfile', trust.catalogCertificate, '-TSA-CAfile', trust.timestampRoots, cab],
      ],
    ];
    for (const [program, words] of checks) mustPass(t, program, words);
    if (!existsSync(CATALOG_CHECK)) return t.diagnostic('the catalog checker is absent: skipped');
    const checked = runProgram('/usr/bin/python3', [CATALOG_CHECK, cab], '.');
    assert.match(checked?.output ?? '', /\b0 findings/);
  });

  test('every update document is valid by the schema', (t) => {
    if (!existsSync(SCHEMA)) return t.skip('the schema is absent');
    mustPass(t, 'xmllint', ['--noout', '--schema', SCHEMA, ...report.updates.map(({ sdp }) => sdp.path)]);
  });

  test('the cabinets of the update server pass readers and verifiers that are not ours', (t) => {
    const { contentCertificate, timestampRoots } = report.lab.trust;
    for (const { content } of report.updates) {
      const cab = content?.path ?? '';
      mustPass(t, 'cabextract', ['-t', cab]);
      mustPass(t, 'osslsigncode', [
        'verify',
        '-CAfile',
        contentCertificate,
        '-TSA-CAfile',
        timestampRoots,
        cab,
      ]);
    }
  });

  test('a second run publishes nothing and says why', async () => {
    const second = await runDemo(dataDir);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(second.report?.publishedNow, 0);
    assert.deepEqual(publicationsOf(second.report), publicationsOf(report));
    assert.equal(second.report?.catalog?.revision, report.catalog?.revision);
    assert.match(second.stdout, /Nothing was published/);
    assert.match(second.stderr, /has not changed/);
  });
});

function mustPass(t: TestContext, program: string, words: readonly string[]): void {
  const run = runProgram(program, words, '.');
  if (run === null) t.diagnostic(`${program} is not installed: its check is skipped`);
  else assert.equal(run.status, 0, `${program}: ${run.output}`);
}

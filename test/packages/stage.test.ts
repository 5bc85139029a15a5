import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import type { Policy } from '../../src/core/decide.js';
import { packageIdOf } from '../../src/core/identity.js';
import type { Ledger } from '../../src/core/ports.js';
import { type InstallerDefinition, type ProductDefinition, variantOf } from '../../src/core/product.js';
import type { InstallerRecord } from '../../src/core/records.js';
import type { StageResult } from '../../src/core/stage.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { installerTechnologies } from '../../src/installers/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createPackagesStage } from '../../src/packages/stage.js';
import { readSdp } from '../../src/sus/sdp/index.js';
import { inlineCompute } from '../publishing/line.js';
import { installerOf, updateOf } from '../publishing/samples.js';
import { inspectionOf, installerRecordOf, notepad64, productOf, putty64, rowOf } from './products.js';
import { beginTurn } from './turns.js';

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
after(() => rmSync(folder, { recursive: true }));
const content = createContentStore(folder);

const AUTOMATIC: Policy = { rules: [{ products: ['*'], publish: 'automatic' }], signers: [] };
const SIGNED = installerOf(updateOf(1), 1).signature;
const SEEN_AT = '2026-11-20T00:00:00.000Z';

/** One line with an acquired installer of PuTTY 0.85; times move only by `at`. */
async function setUp(changes: { product?: ProductDefinition; policy?: Policy; siteId?: string | null } = {}) {
  const ledger = await openLedger({ file: ':memory:' });
  const { siteId = 'test' } = changes;
  if (siteId !== null) await ledger.transaction((tx) => tx.putSetting('site.id', siteId));
  const world = {
    product: changes.product ?? productOf([putty64]),
    policy: changes.policy ?? AUTOMATIC,
    now: new Date('2026-11-24T10:00:00.500Z'),
  };
  const stageNow = () =>
    createPackagesStage({
      products: {
        get: (id) => (id === world.product.id ? world.product : null),
        all: () => [world.product],
        faults: () => [],
      },
      ledger,
      content,
      compute: inlineCompute,
      technologies: installerTechnologies,
      versionSchemes,
      catalog: { vendorName: 'Patchpress', productName: 'Patchpress Updates' },
      contentBaseUrl: 'https://patchpress.lab',
      policy: world.policy,
      clock: { now: () => world.now },
    });
  const begin = (
    input: {
      version?: string;
      variant?: string;
      kind?: 'install';
      revise?: string | null;
      productId?: string;
    } = {},
  ) => {
    const job = {
      productId: 'PuTTY.PuTTY',
      version: '0.85',
      variant: variantOf(putty64),
      revise: null,
      ...input,
    };
    return beginTurn(ledger, stageNow(), job);
  };
  const run = async (input: Parameters<typeof begin>[0] = {}): Promise<StageResult> => {
    const { result, write } = await begin(input);
    await write();
    return result;
  };
  return { ledger, world, begin, run };
}

async function acquire(
  ledger: Ledger,
  definition: InstallerDefinition,
  version: string,
  changes: Partial<InstallerRecord> & { publishedAt?: string | null } = {},
): Promise<InstallerRecord> {
  const { publishedAt = null, ...rest } = changes;
  const release = { version, prerelease: false, publishedAt, assets: [], notesUrl: null, withdrawn: false };
  const row = rowOf({ displayName: `PuTTY release ${version} (64-bit)`, displayVersion: `${version}.0.0` });
  const inspection = inspectionOf({ version: row.displayVersion, arp: [row] });
  const installer = installerRecordOf(definition, version, { inspection, signature: SIGNED, ...rest });
  await ledger.transaction(async (tx) => {
    await tx.putRelease({ productId: installer.productId, version, seenAt: SEEN_AT, release });
    await tx.putInstaller(installer);
  });
  return installer;
}

async function ready(changes: Parameters<typeof setUp>[0] = {}) {
  const line = await setUp(changes);
  return { ...line, installer: await acquire(line.ledger, putty64, '0.85') };
}

const idOf = (installer: InstallerRecord): string =>
  packageIdOf({
    siteId: 'test',
    product: installer.productId,
    version: installer.version,
    variant: installer.variant,
    kind: 'update',
    payloadSha256: installer.sha256,
    respin: 0,
  });

const signing = (packageId: string, revision: number) => [
  { stage: 'signing', input: { packageId, revision } },
];

describe('the first revision', () => {
  test('document and proof are kept, update and revision recorded, signing is next', async () => {
    const { ledger, run, installer } = await ready();
    const packageId = idOf(installer);
    assert.deepEqual(await run(), {
      outcome: 'advanced',
      next: signing(packageId, 1),
      summary: `revision 1 of ${packageId}, rules proven`,
    });
    assert.deepEqual(await ledger.update(packageId), {
      packageId,
      productId: 'PuTTY.PuTTY',
      productName: 'PuTTY',
      version: '0.85',
      variant: 'x64/msi/any/machine',
      kind: 'update',
      route: 'catalog',
      routeReason: 'its vendor signed it, and it is one file: the site fetches and packs it by itself',
      payloadSha256: installer.sha256,
      respin: 0,
      title: 'PuTTY 0.85 (MSI-x64)',
      supersedes: [],
      createdAt: '2026-11-24T10:00:00.500Z',
    });
    const revision = await ledger.latestRevision(packageId);
    assert.ok(revision);
    const { sdpSha256, proofSha256, ...rest } = revision;
    assert.deepEqual(rest, {
      packageId,
      revision: 1,
      creationDate: '2026-11-24T10:00:00Z',
      reason: 'first revision',
      attestation: null,
    });
    const proof = JSON.parse((await content.get(proofSha256)).toString('utf8'));
    assert.equal(proof.packageId, packageId);
    assert.equal(proof.table.length, 26);
    const sdp = readSdp(await content.get(sdpSha256), 'the document');
    assert.equal(sdp.properties.packageId, packageId);
    assert.equal(sdp.properties.creationDate, '2026-11-24T10:00:00Z');
    assert.deepEqual(sdp.installableItems[0]?.originFile, {
      digest: Buffer.from(installer.sha1, 'hex').toString('base64'),
      fileName: 'putty-0.85.msi',
      sizeBytes: 4096,
      modified: '2026-08-16T10:00:00Z',
      originUri: `https://patchpress.lab/content/${installer.sha256}/putty-0.85.msi`,
      sha256: Buffer.from(installer.sha256, 'hex').toString('base64'),
    });
  });

  test('the decision is kept with its facts', async () => {
    const { ledger, run } = await ready();
    await run();
    const [decision] = await ledger.decisions('PuTTY.PuTTY/0.85/x64/msi/any/machine');
    assert.equal(decision?.gate, 'packages');
    assert.equal(decision.verdict, 'go');
    assert.deepEqual(decision.facts, {
      productId: 'PuTTY.PuTTY',
      vendor: 'Simon Tatham',
      tier: 'A',
      detection: 'msi-tables',
      evidenceRows: 1,
      identity: { found: null, known: null },
      releasedAt: SEEN_AT,
      askedFor: false,
      word: null,
    });
  });

  test('of an EXE edition, whose entry is stated', async () => {
    const product = productOf([notepad64], {
      id: 'Notepad++.Notepad++',
      name: 'Notepad++',
      vendor: 'Notepad++ Team',
    });
    const { ledger, run } = await setUp({ product });
    const inspection = inspectionOf({
      technology: 'nullsoft',
      architecture: null,
      version: '8.9.7.0',
      productCode: null,
      arp: [],
    });
    await acquire(ledger, notepad64, '8.9.7', { productId: product.id, fileName: 'npp.exe', inspection });
    const result = await run({ productId: product.id, version: '8.9.7', variant: variantOf(notepad64) });
    assert.equal(result.outcome, 'advanced');
    const [update] = await ledger.updates();
    const revision = await ledger.latestRevision(update?.packageId ?? '');
    const sdp = readSdp(await content.get(revision?.sdpSha256 ?? ''), 'the document');
    assert.deepEqual(sdp.installableItems[0]?.handler, {
      kind: 'CommandLineInstallerData',
      program: 'npp.exe',
      arguments: '/S',
      defaultResult: 'Failed',
      rebootByDefault: false,
      returnCodes: notepad64.returnCodes,
    });
  });
});

describe('again', () => {
  test('the same document is no revision, and the line goes on', async () => {
    const { ledger, run, world, installer } = await ready();
    await run();
    world.now = new Date('2026-12-24T10:00:00.000Z');
    assert.deepEqual(await run(), {
      outcome: 'unchanged',
      reason: 'revision 1 says the same',
      next: signing(idOf(installer), 1),
    });
    assert.equal((await ledger.latestRevision(idOf(installer)))?.revision, 1);
    assert.equal((await ledger.updates()).length, 1);
  });

  test('changed texts are a revision of the same update, made when it was', async () => {
    const { ledger, run, world, installer } = await ready();
    await run();
    world.product = { ...world.product, homepage: 'https://putty.example/new' };
    world.now = new Date('2026-11-25T10:00:00.000Z');
    const result = await run();
    assert.deepEqual('next' in result && result.next, signing(idOf(installer), 2));
    const revision = await ledger.latestRevision(idOf(installer));
    assert.equal(revision?.creationDate, '2026-11-25T10:00:00Z');
    assert.equal(revision.reason, 'the definition or its texts have changed');
    assert.equal((await ledger.update(idOf(installer)))?.createdAt, '2026-11-24T10:00:00.500Z');
    assert.equal((await ledger.revision(idOf(installer), 1))?.creationDate, '2026-11-24T10:00:00Z');
  });

  test('a request is a revision, the same request none, and a later time is made where the clock stands still', async () => {
    const { ledger, run, installer } = await ready();
    const packageId = idOf(installer);
    await run();
    assert.deepEqual((await run({ revise: 'click-1' })).outcome, 'advanced');
    assert.deepEqual((await run({ revise: 'click-2' })).outcome, 'advanced');
    assert.deepEqual(await run({ revise: 'click-1' }), {
      outcome: 'unchanged',
      reason: 'this request is revision 2 already',
      next: signing(packageId, 2),
    });
    assert.deepEqual(await run(), {
      outcome: 'unchanged',
      reason: 'revision 3 says the same',
      next: signing(packageId, 3),
    });
    const dates = await Promise.all(
      [1, 2, 3].map(async (n) => (await ledger.revision(packageId, n))?.creationDate),
    );
    assert.deepEqual(dates, ['2026-11-24T10:00:00Z', '2026-11-24T10:00:01Z', '2026-11-24T10:00:02Z']);
    assert.equal((await ledger.latestRevision(packageId))?.requestId, 'click-2');
  });

  test('a clock that went backwards still gives a later time', async () => {
    const { ledger, run, world, installer } = await ready();
    await run();
    world.now = new Date('2025-01-01T00:00:00.000Z');
    await run({ revise: 'r' });
    assert.equal((await ledger.latestRevision(idOf(installer)))?.creationDate, '2026-11-24T10:00:01Z');
  });

  test('a turn whose effects were lost is made anew, once', async () => {
    const { ledger, begin, run, installer } = await ready();
    const lost = await begin();
    assert.equal(lost.result.outcome, 'advanced');
    assert.equal(await ledger.update(idOf(installer)), null);
    assert.deepEqual(await run(), lost.result);
    await assert.rejects(lost.write(), {
      code: 'ledger.busy',
      expected: 'revision 0, 0 updates',
      found: 'revision 1, 1 updates',
    });
  });

  test('two requests at once are two revisions: the second is tried again', async () => {
    const { ledger, begin, run, installer } = await ready();
    await run();
    const [first, second] = [await begin({ revise: 'a' }), await begin({ revise: 'b' })];
    await first.write();
    await assert.rejects(second.write(), { name: 'RetryableError', code: 'ledger.busy' });
    await run({ revise: 'b' });
    const last = await ledger.latestRevision(idOf(installer));
    assert.deepEqual([last?.revision, last?.requestId], [3, 'b']);
  });
});

describe('a new installation, where the policy wants it', () => {
  const policy: Policy = {
    ...AUTOMATIC,
    rules: [{ products: ['*'], publish: 'automatic', installNew: true }],
  };
  const job = (version: string) => ({
    stage: 'packages',
    input: {
      productId: 'PuTTY.PuTTY',
      version,
      variant: variantOf(putty64),
      kind: 'install',
      revise: null,
    },
  });
  const installIdOf = (installer: InstallerRecord): string =>
    packageIdOf({
      siteId: 'test',
      product: installer.productId,
      version: installer.version,
      variant: installer.variant,
      kind: 'install',
      payloadSha256: installer.sha256,
      respin: 0,
    });

  test('is an update of its own, made after the one of older copies', async () => {
    const { ledger, run, installer } = await ready({ policy });
    const first = await run();
    const next = [...signing(idOf(installer), 1), job('0.85')];
    assert.deepEqual('next' in first && first.next, next);
    const again = await run();
    assert.deepEqual('next' in again && again.next, next, 'also where the first part was done before');
    const packageId = installIdOf(installer);
    const second = await run({ kind: 'install' });
    assert.deepEqual('next' in second && second.next, signing(packageId, 1), 'and nothing after it');
    const update = await ledger.update(packageId);
    assert.deepEqual([update?.kind, update?.title], ['install', 'Install PuTTY 0.85 (MSI-x64)']);
    const revision = await ledger.latestRevision(packageId);
    const proof = JSON.parse((await content.get(revision?.proofSha256 ?? '')).toString('utf8'));
    assert.deepEqual(
      proof.table.slice(0, 2).map((row: { found: string }) => row.found),
      ['required', 'notApplicable'],
    );
  });

  test('supersedes new installations only, and never stands for the product', async () => {
    const { ledger, run, installer, world } = await ready({ policy });
    await run();
    await run({ kind: 'install' });
    const later = await acquire(ledger, putty64, '0.86');
    world.now = new Date('2026-11-25T10:00:00.000Z');
    await run({ version: '0.86' });
    world.now = new Date('2026-11-26T10:00:00.000Z');
    await run({ version: '0.86', kind: 'install' });
    assert.deepEqual((await ledger.update(idOf(later)))?.supersedes, [idOf(installer)]);
    assert.deepEqual((await ledger.update(installIdOf(later)))?.supersedes, [installIdOf(installer)]);
    assert.deepEqual(
      (await ledger.latestUpdates()).map(({ packageId }) => packageId),
      [idOf(later)],
    );
  });

  test('is not asked for by a request about the update, nor without the policy', async () => {
    const { run, world } = await ready({ policy });
    await run();
    const revised = await run({ revise: 'r' });
    assert.equal('next' in revised && revised.next?.length, 1);
    world.policy = AUTOMATIC;
    const again = await run();
    assert.equal('next' in again && again.next?.length, 1);
  });
});

describe('other versions', () => {
  test('a later one supersedes all before it, and they stay', async () => {
    const { ledger, run, installer } = await ready();
    await run();
    const second = await acquire(ledger, putty64, '0.86');
    await run({ version: '0.86' });
    const third = await acquire(ledger, putty64, '0.100');
    assert.match(
      String(((await run({ version: '0.100' })) as { summary?: string }).summary),
      /supersedes 2$/,
    );
    assert.deepEqual((await ledger.update(idOf(third)))?.supersedes, [idOf(second), idOf(installer)]);
    assert.deepEqual((await ledger.update(idOf(second)))?.supersedes, [idOf(installer)]);
    const revision = await ledger.latestRevision(idOf(third));
    const sdp = readSdp(await content.get(revision?.sdpSha256 ?? ''), 'the document');
    assert.deepEqual(sdp.supersededPackages, [idOf(second), idOf(installer)]);
    assert.equal((await ledger.updates()).length, 3);
  });

  test('an older one is not built after it, but one that was built goes on', async () => {
    const { ledger, run, installer } = await ready();
    await run();
    await acquire(ledger, putty64, '0.86');
    await acquire(ledger, putty64, '0.84');
    await run({ version: '0.86' });
    const reason = '0.86 was built before: nothing is published backwards';
    assert.deepEqual(await run({ version: '0.84' }), { outcome: 'unchanged', reason, next: [] });
    assert.deepEqual(await run(), { outcome: 'unchanged', reason, next: signing(idOf(installer), 1) });
    assert.equal((await ledger.updates()).length, 2);
    assert.equal((await run({ revise: 'asked' })).outcome, 'advanced', 'unless a person asks');
  });

  test('two at once: the older one does not overlook the newer', async () => {
    const { ledger, begin, run } = await ready();
    await acquire(ledger, putty64, '0.86');
    const older = await begin();
    await run({ version: '0.86' });
    await assert.rejects(older.write(), { code: 'ledger.busy' });
    assert.equal((await run()).outcome, 'unchanged');
  });
});

describe('the gate', () => {
  const inferred: InstallerDefinition = {
    ...putty64,
    detection: { ...putty64.detection, evidence: 'inferred' },
  };
  const held: readonly [name: string, changes: Parameters<typeof setUp>[0], code: string, reason: RegExp][] =
    [
      ['an inferred detection', { product: productOf([inferred]) }, 'detection-inferred', /inferred/],
      ['a product that no rule names', { policy: { rules: [], signers: [] } }, 'policy', /a person's yes/],
      [
        'a rule that says never',
        { policy: { rules: [{ products: ['PuTTY.*'], publish: 'never' }], signers: [] } },
        'policy',
        /never published/,
      ],
      ['a product that is known only', { product: productOf([putty64], { tier: 'C' }) }, 'policy', /tier C/],
    ];
  for (const [name, changes, code, reason] of held) {
    test(`${name} is held: nothing is built, the decision is kept`, async () => {
      const { ledger, run } = await ready(changes);
      const result = await run();
      assert.equal(result.outcome, 'held');
      assert.equal(result.code, code);
      assert.match(result.reason, reason);
      assert.notEqual(result.nextStep, '');
      assert.deepEqual(await ledger.updates(), []);
      const [decision] = await ledger.decisions('PuTTY.PuTTY/0.85/x64/msi/any/machine');
      assert.equal(decision?.verdict, 'hold');
      assert.equal(decision.reason, result.reason);
    });
  }

  test('an MSI whose tables prove no entry is held', async () => {
    const { ledger, run } = await setUp();
    await acquire(ledger, putty64, '0.85', { inspection: inspectionOf({ arp: [] }) });
    const result = await run();
    assert.equal(result.outcome === 'held' && result.code, 'detection-inferred');
  });

  test('what only has to wait comes back by itself', async () => {
    const { ledger, run, world } = await ready({ policy: { ...AUTOMATIC, delayHours: 24 * 7 } });
    const result = await run();
    assert.deepEqual(result, {
      outcome: 'waiting',
      until: new Date('2026-11-27T00:00:00.000Z'),
      reason: 'the policy waits 168 hours after a release',
    });
    assert.deepEqual(await ledger.updates(), []);
    world.now = new Date('2026-11-27T00:00:00.000Z');
    assert.equal((await run()).outcome, 'advanced');
  });

  const times: readonly [publishedAt: string, releasedAt: string][] = [
    ['2026-11-01T12:00:00Z', '2026-11-01T12:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2999-01-01T00:00:00Z', SEEN_AT],
    ['yesterday', SEEN_AT],
  ];
  for (const [publishedAt, releasedAt] of times) {
    test(`a feed that says ${publishedAt} counts as ${releasedAt}`, async () => {
      const { ledger, run } = await setUp();
      await acquire(ledger, putty64, '0.85', { publishedAt });
      await run();
      const [decision] = await ledger.decisions('PuTTY.PuTTY/0.85/x64/msi/any/machine');
      const facts = decision?.facts as { releasedAt?: string } | undefined;
      assert.equal(facts?.releasedAt, releasedAt);
    });
  }
});

describe('what cannot be published', () => {
  test('a definition with a wrong name: the evidence of the MSI tables says otherwise', async () => {
    const detection = { ...putty64.detection, displayName: { beginsWith: 'Putty ', endsWith: ' (64-bit)' } };
    const { ledger, begin } = await ready({ product: productOf([{ ...putty64, detection }]) });
    await assert.rejects(begin(), {
      code: 'proof.failed',
      message: 'the rules are wrong on the machine "older"',
      nextStep: /"PuTTY release 0\.85 \(64-bit\)" 0\.85\.0\.0 by "Simon Tatham"/,
    });
    assert.deepEqual(await ledger.updates(), []);
  });

  test('an MSI of the other architecture than its view', async () => {
    const detection = { ...putty64.detection, view: '32' as const };
    const { begin } = await ready({ product: productOf([{ ...putty64, detection }]) });
    await assert.rejects(begin(), { code: 'proof.failed' });
  });

  const argumentsOf = (text: string) => productOf([{ ...putty64, arguments: text }]);
  for (const text of ['/qn', 'ALLUSERS=1 /norestart', 'A="b', '-x', 'A=b;c&d "x"']) {
    test(`an MSI's command line ${text}`, async () => {
      const { begin } = await ready({ product: argumentsOf(text) });
      await assert.rejects(begin(), { code: 'definition.invalid', expected: 'NAME=VALUE' });
    });
  }

  test('an MSI without a ProductCode', async () => {
    const { ledger, begin } = await setUp();
    await acquire(ledger, putty64, '0.85', { inspection: inspectionOf({ productCode: null }) });
    await assert.rejects(begin(), { code: 'package.invalid', where: 'putty-0.85.msi' });
  });

  const missing: readonly [name: string, input: object, found: string][] = [
    ['a product', { productId: 'nobody.nothing' }, 'no definition'],
    ['a variant', { variant: 'arm64/msi/any/machine' }, 'no such variant'],
    ['a release', { version: '0.86' }, 'no release'],
  ];
  for (const [name, input, found] of missing) {
    test(`${name} that is not known`, async () => {
      const { begin } = await ready();
      await assert.rejects(begin(input), { code: 'not-found', found });
    });
  }

  test('a release whose installer was not acquired', async () => {
    const { ledger, begin } = await setUp();
    const release = {
      version: '0.85',
      prerelease: false,
      publishedAt: null,
      assets: [],
      notesUrl: null,
      withdrawn: false,
    };
    await ledger.transaction((tx) =>
      tx.putRelease({ productId: 'PuTTY.PuTTY', version: '0.85', seenAt: SEEN_AT, release }),
    );
    await assert.rejects(begin(), { code: 'not-found', found: 'no installer' });
  });

  test('a version scheme that is not known', async () => {
    const { begin } = await ready({ product: productOf([putty64], { versionScheme: 'roman' }) });
    await assert.rejects(begin(), { code: 'definition.invalid', found: 'scheme roman, technology msi' });
  });

  test('a ledger of no site', async () => {
    const { begin } = await ready({ siteId: null });
    await assert.rejects(begin(), { code: 'configuration.invalid', where: 'setting site.id' });
  });
});

describe('a job', () => {
  const stage = createPackagesStage({ technologies: installerTechnologies, versionSchemes } as never);
  const input = { productId: 'p', version: '1', variant: 'v', revise: null };
  test('is decoded', () => {
    assert.deepEqual(stage.parse(input), input);
    for (const bad of [
      null,
      {},
      { ...input, revise: undefined },
      { ...input, version: 1 },
      { ...input, more: 1 },
      { ...input, revise: '' },
    ]) {
      assert.throws(() => stage.parse(bad), { code: 'payload.invalid' });
    }
  });
  test('has a key per request, and a subject', () => {
    assert.equal(stage.key(input), 'p/1/v');
    assert.equal(stage.key({ ...input, revise: 'r' }), 'p/1/v/r');
    assert.deepEqual(stage.subject(input), { product: 'p', version: '1', variant: 'v' });
  });
});

test('the document is the same bytes for the same facts', async () => {
  const digests = await Promise.all(
    [1, 2].map(async () => {
      const { ledger, run, installer } = await ready();
      await run();
      const revision = await ledger.latestRevision(idOf(installer));
      const bytes = await content.get(revision?.sdpSha256 ?? '');
      assert.equal(createHash('sha256').update(bytes).digest('hex'), revision?.sdpSha256);
      return [revision?.sdpSha256, revision?.proofSha256];
    }),
  );
  assert.deepEqual(digests[0], digests[1]);
});

describe('the route', () => {
  test('of an installer that nobody signed is direct: the document names no OriginUri', async () => {
    const { ledger, run } = await setUp();
    const installer = await acquire(ledger, putty64, '0.85', { signature: { status: 'unsigned' } });
    await run();
    const update = await ledger.update(idOf(installer));
    assert.equal(update?.route, 'direct');
    assert.match(update?.routeReason ?? '', /does not sign it/);
    const revision = await ledger.latestRevision(idOf(installer));
    assert.equal(revision?.content, undefined);
    const sdp = await content.get(revision?.sdpSha256 ?? '');
    assert.equal(readSdp(sdp, 'direct').installableItems[0]?.originFile?.originUri, null);
  });

  test('an update keeps the route that it was built with', async () => {
    const { ledger, run } = await ready();
    await run();
    const [update] = await ledger.updates();
    assert.ok(update);
    await ledger.transaction((tx) => tx.putUpdate({ ...update, route: 'direct', routeReason: 'as it was' }));
    await run({ revise: 'again' });
    const after = await ledger.update(update.packageId);
    assert.deepEqual([after?.route, after?.routeReason], ['direct', 'as it was']);
  });
});

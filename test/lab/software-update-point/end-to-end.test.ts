import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Machine } from '../../../src/core/machine.js';
import type { OriginFile, SoftwareDistributionPackage } from '../../../src/core/update.js';
import { verifyFileSignature } from '../../../src/trust/index.js';
import {
  createUpdateClient,
  type UpdateClient,
  type UpdateClientDeps,
} from '../../../src/verification/client.js';
import { ITEM, PACKAGE } from '../../sus/sdp/packages.js';
import { run } from '../../trust/pki.js';
import { missingTools } from '../../trust/world.js';
import { openSite, type TestSite } from './site.js';

const missing = missingTools();
const skip = missing.length === 0 ? false : `${missing.join(', ')} not installed`;
const SCAN = '../shared/tools/wusp_scan.py';
const ID = PACKAGE.properties.packageId;
const NEWER = 'bbbbbbbb-0000-4000-8000-000000000001';
const KEY = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\7-Zip';

let site: TestSite;
let installer: OriginFile;

/** An update of the file; each revision is a minute later. */
function update(
  file: OriginFile,
  minute = 0,
  change: Partial<SoftwareDistributionPackage['properties']> = {},
) {
  assert.ok(ITEM.handler);
  const handler = { ...ITEM.handler, program: file.fileName } as typeof ITEM.handler;
  const creationDate = `2026-11-24T10:${String(minute).padStart(2, '0')}:00Z`;
  return {
    ...PACKAGE,
    properties: { ...PACKAGE.properties, creationDate, ...change },
    supersededPackages: [],
    prerequisites: [],
    installableItems: [{ ...ITEM, handler, originFile: file }],
  };
}

/** A machine with the product at that version, or without it. */
function machine(version: string | null): Machine {
  const entry = { DisplayVersion: { type: 'REG_SZ', value: version ?? '' } } as const;
  return {
    os: {
      version: '10.0.22631.1',
      productType: 1,
      suiteMask: 256,
      architecture: 'x64',
      language: 'en-US',
      muiLanguages: [],
    },
    registry: { '64': version === null ? {} : { [KEY]: entry }, '32': {} },
    files: [],
    msi: { products: [], patches: [] },
    wmi: [],
    processors: 4,
  };
}

const ran: { name: string; bytes: Buffer; commandLine: string }[] = [];

function client(change: Partial<UpdateClientDeps> = {}): UpdateClient {
  return createUpdateClient({
    transport: site.transport,
    base: site.base,
    computer: { clientId: randomUUID(), dnsName: 'device.lab' },
    trust: { anchors: site.wsusTrust, trustedPublishers: [site.signers.wsus.thumbprint] },
    verifySignature: async (path, anchors) => verifyFileSignature(path, anchors, new Date()),
    run: async (_machine, file, commandLine) => {
      ran.push({ ...file, commandLine });
      return { machine: machine('26.0.0.0'), exitCode: 3010 };
    },
    clock: { now: () => new Date() },
    newId: randomUUID,
    ...change,
  });
}

const stateOf = async (version: string | null) =>
  (await client().scan(machine(version))).updates.find(({ packageId }) => packageId === ID)?.state ?? null;

before(async () => {
  if (skip !== false) return;
  site = await openSite();
  copyFileSync(buildInstaller(site.folder), join(site.folder, 'unsigned.exe'));
  installer = site.offer('7z2600-x64.exe', 'unsigned.exe', site.signers.vendor);
});
after(async () => {
  if (skip === false) await site.close();
});

function buildInstaller(folder: string): string {
  writeFileSync(join(folder, 'a.nsi'), 'Name "S"\nOutFile "built.exe"\nSection\nSectionEnd\n');
  run(folder, 'makensis', ['-V1', 'a.nsi']);
  return join(folder, 'built.exe');
}

/** A new product: the first synchronization reveals it, it is ticked, and the second one shows its updates. */
async function enabledRow() {
  const products = await site.products();
  assert.deepEqual(
    products.map((one: Record<string, unknown>) => [one.CategoryTypeName, one.IsSubscribed]),
    [
      ['Company', false],
      ['Product', false],
      ['UpdateClassification', true],
    ],
  );
  const [company, product] = products;
  assert.equal(product.ParentCategoryInstanceID, company.CategoryInstanceID);
  await site.syncSite();
  assert.equal(await site.row(ID), undefined, 'the product is not ticked');
  site.hopFaults.product = 'not-enabled';
  const refused = await site.enable(product.CategoryInstanceID);
  assert.deepEqual([refused.status, /may not change/.test(refused.value.error.message)], [400, true]);
  site.hopFaults.product = null;
  assert.equal((await site.enable(company.CategoryInstanceID)).status, 400);
  await site.enable(product.CategoryInstanceID);
  assert.equal(await site.row(ID), undefined, 'no synchronization since');
  site.hopFaults.sync = 'failed';
  await site.syncSite();
  assert.deepEqual([(await site.syncStatus()).LastSyncState, await site.row(ID)], [6703, undefined]);
  site.hopFaults.sync = null;
  await site.syncSite();
  assert.equal((await site.syncStatus()).LastSyncState, 6702);
  return site.row(ID);
}

/** The tests of this group build on each other: one site, one update, from its first publication on. */
describe('a package on its way to a client behind the gateway', { skip }, () => {
  test('before the catalog is there the agent says so', async () => {
    await site.syncCatalog();
    assert.match((await site.status()).catalog.fault, /answered 404/);
    assert.equal(await stateOf('25.0.0.0'), null);
  });

  test('the catalog is imported: metadata only, and clients report what they need', async () => {
    site.publishCatalog([update(installer)], site.signers.catalog, [site.signers.vendor]);
    await site.syncCatalog();
    const { catalog, packages } = await site.status();
    assert.deepEqual(
      [catalog.fault, catalog.lastSync.text, catalog.approvedThumbprint],
      [null, '1 of 1 packages imported', site.signers.catalog.thumbprint],
    );
    assert.deepEqual([packages[0].packageId, packages[0].revision, packages[0].content], [ID, 1, null]);
    assert.deepEqual([await site.row(ID), await site.products()], [undefined, []]);
    await site.syncSite();
    const row = await enabledRow();
    assert.deepEqual(
      [row.IsMetadataOnlyUpdate, row.IsDeployable, row.LocalizedDisplayName],
      [true, false, '7-Zip 26.00 (EXE-x64)'],
    );
    assert.deepEqual(
      [await stateOf(null), await stateOf('25.0.0.0'), await stateOf('26.0.0.0')],
      ['notApplicable', 'required', 'installed'],
    );
  });

  test('what is metadata only cannot be installed', async () => {
    const result = await client().install(ID, machine('25.0.0.0'));
    assert.ok(result.outcome === 'failed');
    assert.deepEqual([result.hresult, result.reason], ['0x80242006', 'the update has 0 files']);
  });

  test('content that is altered on the way, or whose signer is blocked, is not published', async () => {
    site.hopFaults.content = 'hash';
    assert.match((await site.publish(ID)).value.error.message, /^UPDATECONTENT_HASH_FAIL: SHA-1/);
    site.hopFaults.content = 'trust';
    assert.match((await site.publish(ID)).value.error.message, /^UPDATECONTENT_TRUST_FAIL: .*BLOCKED/);
    site.hopFaults.content = null;
  });

  test('content is published, distributed by the deployment rule, and installed', async () => {
    assert.deepEqual((await site.publish(ID)).value, { outcome: 'published' });
    const early = await client().install(ID, machine('25.0.0.0'));
    assert.ok(early.outcome === 'failed');
    assert.equal(early.hresult, '0x80246008');
    site.hopFaults.distribution = 'not-distributed';
    await site.syncSite();
    assert.deepEqual(
      [(await site.row(ID)).IsDeployable, (await site.row(ID)).IsContentProvisioned],
      [true, false],
    );
    const between = await client().install(ID, machine('25.0.0.0'));
    assert.equal(between.outcome, 'failed', 'the gateway has what was distributed to it, nothing else');
    site.hopFaults.distribution = null;
    const row = await site.row(ID);
    assert.deepEqual(
      [row.IsMetadataOnlyUpdate, row.IsDeployable, row.IsContentProvisioned],
      [false, true, true],
    );
    const result = await client().install(ID, machine('25.0.0.0'));
    assert.ok(result.outcome === 'succeeded');
    assert.deepEqual([result.restart, result.exitCode], [true, 3010]);
    const [only, ...others] = ran;
    assert.deepEqual(others, []);
    assert.equal(only?.commandLine, '"7z2600-x64.exe" /S');
    assert.ok(only?.bytes.equals(readFileSync(join(site.folder, '7z2600-x64.exe'))));
    const after = await client().scan(result.machine);
    assert.deepEqual(after.updates, [{ packageId: ID, revision: 2, state: 'installed' }]);
  });

  test('what the computers reported', async () => {
    const { computers } = await site.status();
    const states = computers.map(
      (computer: { states: Record<string, string> }) => computer.states[ID] ?? null,
    );
    assert.ok(states.includes('Installed') && states.includes('NotInstalled') && states.includes('Failed'));
    assert.ok(
      computers.some((computer: { lastFault: string | null }) => computer.lastFault?.includes('0x80246008')),
    );
  });

  test('a client that does not trust the signer refuses the content', async () => {
    const untrusted = {
      anchors: { codeSigningRoots: [site.signers.root.der], timestampRoots: [] },
      trustedPublishers: [site.signers.wsus.thumbprint],
    };
    const noRoot = await client({ trust: untrusted }).install(ID, machine('25.0.0.0'));
    assert.ok(noRoot.outcome === 'failed');
    assert.equal(noRoot.hresult, '0x800B0109');
    const noPublisher = await client({ trust: { anchors: site.wsusTrust, trustedPublishers: [] } }).install(
      ID,
      machine('25.0.0.0'),
    );
    assert.ok(noPublisher.outcome === 'failed');
    assert.equal(noPublisher.hresult, '0x800B0004');
  });

  test('a client does not run content with a flipped byte', async () => {
    const content = (await site.status()).packages[0].content;
    const name = content.path.split('/').slice(-2).join('/');
    const path = join(site.folder, 'cmg', name);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bad);
    const result = await client().install(ID, machine('25.0.0.0'));
    writeFileSync(path, good);
    assert.ok(result.outcome === 'failed');
    assert.equal(result.hresult, '0x80246002');
    assert.equal(ran.length, 1);
  });

  test('an independent client, through the gateway, is handed the same updates', async (t) => {
    if (!existsSync(SCAN)) return t.skip('../shared/tools/wusp_scan.py is absent');
    try {
      await promisify(execFile)('/usr/bin/python3', ['-c', 'import zeep']);
    } catch {
      return t.skip('python3-zeep is not installed');
    }
    const pem = {
      'ca.pem': site.tlsCa,
      'device.pem': site.device.certificate,
      'device.key': site.device.key,
    };
    for (const [name, text] of Object.entries(pem)) writeFileSync(join(site.folder, name), text);
    const at = (name: string) => join(site.folder, name);
    const who = ['--cert', at('device.pem'), '--key', at('device.key'), '--ca', at('ca.pem')];
    const scanned = async (...words: readonly string[]) =>
      JSON.parse((await promisify(execFile)('/usr/bin/python3', [SCAN, ...words])).stdout);
    const scan = await scanned('--base', site.localBase, ...who);
    const withToken = ['--base', site.localTokenBase, '--token', site.token, '--ca', at('ca.pem')];
    assert.deepEqual((await scanned(...withToken)).updates, scan.updates);
    const leaves = scan.updates.filter(({ isLeaf }: { isLeaf: boolean }) => isLeaf);
    assert.deepEqual(
      leaves.map(({ updateId, revision, action }: Record<string, unknown>) => [updateId, revision, action]),
      [[ID, 2, 'Install']],
    );
    // Company, product, classification: categories are evaluated only.
    assert.deepEqual(
      scan.updates
        .filter(({ isLeaf }: { isLeaf: boolean }) => !isLeaf)
        .map(({ action }: { action: string }) => action),
      ['Evaluate', 'Evaluate', 'Evaluate'],
    );
    assert.equal(scan.fileLocations.length, 1);
    return undefined;
  });

  test('a revision of the metadata keeps the content', async () => {
    site.publishCatalog([update(installer, 1)], site.signers.catalog, [site.signers.vendor]);
    await site.syncCatalog();
    await site.syncSite();
    const [entry] = (await site.status()).packages;
    assert.deepEqual(
      [entry.revision, entry.revisedAt, entry.content === null],
      [3, '2026-11-24T10:01:00Z', false],
    );
    const result = await client().install(ID, machine('25.0.0.0'));
    assert.equal(result.outcome, 'succeeded');
  });

  test('a superseded update is told to clients until what takes its place can be had', async () => {
    const newer = site.offer('7z2601-x64.exe', 'unsigned.exe', site.signers.vendor);
    const pkg = update(newer, 1, { packageId: NEWER });
    const items = pkg.installableItems.map((item) => ({ ...item, id: `${NEWER.slice(0, -1)}9` }));
    const superseding = { ...pkg, supersededPackages: [ID], installableItems: items };
    site.publishCatalog([update(installer, 1), superseding], site.signers.catalog, [site.signers.vendor]);
    await site.syncCatalog();
    await site.syncSite();
    const told = async () =>
      (await client().scan(machine('25.0.0.0'))).updates.map(({ packageId }) => packageId).sort();
    assert.deepEqual([(await site.row(ID)).IsSuperseded, await told()], [true, [ID, NEWER].sort()]);
    await site.publish(NEWER);
    assert.deepEqual(await told(), [ID, NEWER].sort(), 'no synchronization since');
    await site.syncSite();
    assert.deepEqual(await told(), [NEWER]);
    const declined = (await site.status()).packages.filter((one: { isDeclined: boolean }) => one.isDeclined);
    assert.deepEqual(
      declined.map((one: { packageId: string }) => one.packageId),
      [ID],
    );
    const gone = update(newer, 2, { packageId: NEWER, publicationState: 'Expired' });
    site.publishCatalog(
      [update(installer, 1), { ...gone, supersededPackages: [ID], installableItems: items }],
      site.signers.catalog,
      [site.signers.vendor],
    );
    await site.syncCatalog();
    await site.syncSite();
    assert.deepEqual(await told(), [], 'nothing takes its place any more, and declined it stays');
  });

  test('an unchanged catalog imports nothing', async () => {
    await site.syncCatalog();
    assert.equal((await site.status()).catalog.lastSync.outcome, 'unchanged');
  });

  test('another catalog certificate waits for approval', async () => {
    site.publishCatalog([update(installer, 2)], site.signers.otherCatalog, [site.signers.vendor]);
    await site.syncCatalog();
    assert.match((await site.status()).catalog.fault, /^11508: the catalog certificate has changed/);
    await site.approve(site.signers.otherCatalog.thumbprint);
    await site.syncCatalog();
    assert.equal((await site.status()).catalog.fault, null);
    await site.approve(site.signers.catalog.thumbprint);
  });

  test('a catalog with a flipped byte, and one signed by no one who is known', async () => {
    const good = site.files.get('/catalog.cab') ?? assert.fail();
    const bad = Buffer.from(good);
    bad[300] = (bad[300] ?? 0) ^ 1;
    site.files.set('/catalog.cab', bad);
    await site.syncCatalog();
    assert.match((await site.status()).catalog.fault, /^11508: .*digest-mismatch/);
    site.publishCatalog([update(installer, 3)], site.signers.wsus, [site.signers.vendor]);
    await site.syncCatalog();
    assert.match((await site.status()).catalog.fault, /^11508: .*untrusted-root/);
    assert.equal((await site.status()).packages[0].revisedAt, '2026-11-24T10:02:00Z');
  });

  test('an expired update is not offered any more', async () => {
    const expired = update(installer, 4, { publicationState: 'Expired' });
    site.publishCatalog([expired], site.signers.catalog, [site.signers.vendor]);
    await site.syncCatalog();
    await site.syncSite();
    assert.equal(await stateOf('25.0.0.0'), null);
    const row = await site.row(ID);
    assert.deepEqual([row.IsExpired, row.IsDeployable], [true, false]);
  });

  test('nothing went wrong inside of the server', () => {
    assert.deepEqual(site.faults, []);
  });
});

describe('content that the site refuses to publish', { skip }, () => {
  const id = (index: number) => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const refusals: { readonly packageId: string; readonly expected: RegExp }[] = [];
  before(async () => {
    if (skip !== false) return;
    const { vendor, otherVendor, wsus } = site.signers;
    const changed = site.offer('changed.exe', 'unsigned.exe', vendor);
    const bytes = Buffer.from(site.files.get('/content/changed.exe') ?? '');
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    site.files.set('/content/changed.exe', bytes);
    const gone = site.offer('gone.exe', 'unsigned.exe', vendor);
    site.files.delete('/content/gone.exe');
    const offers: readonly (readonly [OriginFile, RegExp])[] = [
      [changed, /^UPDATECONTENT_HASH_FAIL: SHA-1 of the downloaded file/],
      [site.offer('stranger.exe', 'unsigned.exe', otherVendor), /^UPDATECONTENT_TRUST_FAIL: Certificate/],
      [site.offer('unsigned.exe', 'unsigned.exe', null), /^11516: .*the file is not signed/],
      [site.offer('untrusted.exe', 'unsigned.exe', wsus), /^11516: .*untrusted-root/],
      [gone, /answered 404/],
    ];
    const packages = offers.map(([file, expected], index) => {
      const packageId = id(index);
      refusals.push({ packageId, expected });
      const pkg = update(file, 10, { packageId });
      return {
        ...pkg,
        installableItems: pkg.installableItems.map((item) => ({ ...item, id: id(100 + index) })),
      };
    });
    site.publishCatalog(packages, site.signers.catalog, [vendor]);
    await site.syncCatalog();
    assert.equal((await site.status()).catalog.lastSync.text, '5 of 5 packages imported');
  });

  test('each with its own reason, which the package keeps', async () => {
    for (const { packageId, expected } of refusals) {
      const { status, value } = await site.publish(packageId);
      assert.equal(status, 400, packageId);
      assert.match(value.error.message, expected);
    }
    const { packages } = await site.status();
    for (const { packageId, expected } of refusals) {
      const entry = packages.find((one: { packageId: string }) => one.packageId === packageId);
      assert.match(entry.fault, expected);
      assert.equal(entry.content, null);
    }
  });

  test('what was never imported', async () => {
    assert.match((await site.publish(id(99))).value.error.message, /^11524: UPDATECONTENT_NO_METADATA/);
  });
});

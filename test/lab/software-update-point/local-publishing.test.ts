import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createCleaning } from '../../../src/app/cleaning.js';
import { silentLog } from '../../../src/app/logger.js';
import { installableItemIdOf } from '../../../src/core/identity.js';
import type { Machine } from '../../../src/core/machine.js';
import type { PublicationRecord } from '../../../src/core/records.js';
import type { OriginFile, SoftwareDistributionPackage } from '../../../src/core/update.js';
import { writeCabinet } from '../../../src/formats/cab/index.js';
import { openLedger } from '../../../src/ledger/ledger.js';
import type {
  Bridge,
  BridgeCall,
  BridgeResult,
  BridgeVerb,
} from '../../../src/publishing/software-update-point/bridge.js';
import { createCommandBridge } from '../../../src/publishing/software-update-point/command-bridge.js';
import {
  carryOut,
  findAtServer,
  type LifecycleAct,
  planLifecycle,
} from '../../../src/publishing/software-update-point/lifecycle.js';
import { readSdp, writeSdp } from '../../../src/sus/sdp/index.js';
import { verifyFileSignature } from '../../../src/trust/index.js';
import { createUpdateClient, type UpdateClient } from '../../../src/verification/client.js';
import { runProgram } from '../../formats/programs.js';
import { updateOf } from '../../publishing/samples.js';
import { ITEM, PACKAGE } from '../../sus/sdp/packages.js';
import { run } from '../../trust/pki.js';
import { missingTools } from '../../trust/world.js';
import { openSite, sign, type TestSite } from './site.js';

const missing = missingTools();
const skip = missing.length === 0 ? false : `${missing.join(', ')} not installed`;
const KEY = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\7-Zip';
const FAR_SIDE = join(import.meta.dirname, '../../../src/lab/windows-bridge/main.js');
const NEVER = new AbortController().signal;
/** One update for each mode, and one that comes from the catalog. */
const PAYLOAD_ID = 'aaaaaaaa-1111-4222-8333-444444444444';
const SIGNED_ID = 'bbbbbbbb-1111-4222-8333-444444444444';
const CATALOG_ID = 'cccccccc-1111-4222-8333-444444444444';

const SUPERSEDED: Omit<PublicationRecord, 'packageId'> = {
  revision: 1,
  target: 'software-update-point',
  state: 'superseded',
  catalogRevision: null,
  reason: null,
  proof: null,
  clients: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
};

let site: TestSite;
let installer: OriginFile;
let bridge: Bridge;
let call: <V extends BridgeVerb>(job: Extract<BridgeCall, { verb: V }>) => Promise<BridgeResult<V>>;

before(async () => {
  if (skip !== false) return;
  site = await openSite();
  writeFileSync(join(site.folder, 'a.nsi'), 'Name "S"\nOutFile "built.exe"\nSection\nSectionEnd\n');
  run(site.folder, 'makensis', ['-V1', 'a.nsi']);
  installer = site.offer('unsigned.exe', 'built.exe', null);
  const file = join(site.folder, 'bridge.json');
  writeFileSync(file, JSON.stringify(site.bridgeServer));
  bridge = createCommandBridge({ command: [process.execPath, FAR_SIDE, file], timeoutMs: 30_000 });
  call = (job) => bridge.call(job, NEVER);
});
after(async () => {
  if (skip === false) await site.close();
});

function document(
  packageId: string,
  minute = 0,
  change: Partial<SoftwareDistributionPackage['properties']> = {},
  originFile: OriginFile = installer,
) {
  assert.ok(ITEM.handler);
  const handler = { ...ITEM.handler, program: originFile.fileName } as typeof ITEM.handler;
  const creationDate = `2026-11-24T10:${String(minute).padStart(2, '0')}:00Z`;
  return {
    ...PACKAGE,
    properties: { ...PACKAGE.properties, packageId, creationDate, ...change },
    supersededPackages: [],
    prerequisites: [],
    installableItems: [
      {
        ...ITEM,
        id: installableItemIdOf(packageId, 0),
        handler,
        originFile: { ...originFile, originUri: null },
      },
    ],
  };
}

const sent = (pkg: SoftwareDistributionPackage) => ({
  packageId: pkg.properties.packageId,
  sdpBase64: Buffer.from(writeSdp(pkg, { route: 'direct' }), 'utf8').toString('base64'),
});

const payload = (change: Record<string, unknown> = {}) => ({
  name: installer.fileName,
  sha256: Buffer.from(installer.sha256 ?? '', 'base64').toString('hex'),
  sizeBytes: installer.sizeBytes,
  url: `https://patchpress.lab/content/${installer.fileName}`,
  ...change,
});

/** A content cabinet of the installer, signed by someone, on the publisher's server. */
function offerCabinet(name: string, by: 'content' | 'otherVendor' | null) {
  const unsigned = join(site.folder, 'content-unsigned.cab');
  const members = [
    {
      name: installer.fileName,
      modified: installer.modified,
      content: { path: join(site.folder, 'built.exe') },
    },
  ];
  writeCabinet(members, unsigned, { signatureReserve: false });
  if (by !== null) sign(site.folder, site.signers[by], 'content-unsigned.cab', name);
  const bytes = readFileSync(by === null ? unsigned : join(site.folder, name));
  site.files.set(`/content/${name}`, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, sha256, sizeBytes: bytes.length, url: `https://patchpress.lab/content/${name}` };
}

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

function client(trustedPublishers: readonly string[]): UpdateClient {
  const roots = [site.signers.wsus.der, site.signers.content.der];
  return createUpdateClient({
    transport: site.transport,
    base: site.base,
    computer: { clientId: randomUUID(), dnsName: 'device.lab' },
    trust: { anchors: { codeSigningRoots: roots, timestampRoots: [] }, trustedPublishers },
    verifySignature: async (path, anchors) => verifyFileSignature(path, anchors, new Date()),
    run: async () => ({ machine: machine('26.0.0.0'), exitCode: 0 }),
    clock: { now: () => new Date() },
    newId: randomUUID,
  });
}

const both = () => client([site.signers.wsus.thumbprint, site.signers.content.thumbprint]);
const stateOf = async (packageId: string) =>
  (await both().scan(machine('25.0.0.0'))).updates.find((one) => one.packageId === packageId)?.state ?? null;

/** Other programs open the cabinet that clients are given, and agree who signed it. */
async function requireReadable(
  t: { diagnostic(text: string): void },
  packageId: string,
  by: 'wsus' | 'content',
) {
  const { packages } = await site.status();
  const entry = packages.find((one: { packageId: string }) => one.packageId === packageId);
  assert.equal(entry.content.signer, `CN=${by}`);
  const { path } = entry.content;
  const words = {
    cabextract: ['-q', '-d', 'oracle', path],
    gcab: ['-x', '-C', 'oracle', path],
    '7z': ['x', '-ooracle', path],
  };
  for (const [program, args] of Object.entries(words)) {
    const folder = join(site.folder, 'oracle');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    if (runProgram(program, args, site.folder) === null) t.diagnostic(`${program} is not installed`);
    else {
      const found = readFileSync(join(folder, installer.fileName));
      assert.ok(found.equals(readFileSync(join(site.folder, 'built.exe'))), program);
    }
  }
  const { certificate } = site.signers[by];
  const verified = runProgram('osslsigncode', ['verify', '-CAfile', certificate, '-in', path], site.folder);
  assert.match(verified?.output ?? 'Signature verification: ok', /Signature verification: ok/);
}

describe('direct publishing, from the bridge to a client behind the gateway', { skip }, () => {
  test('the server tells what it is', async () => {
    const probed = await call({ verb: 'probe' });
    assert.deepEqual([probed.isReplica, probed.role, probed.maxCabSizeMb], [false, 'Administrator', 2047]);
    assert.equal(probed.certificate?.thumbprint, site.signers.wsus.thumbprint);
    assert.deepEqual(await call({ verb: 'list', packageIds: [PAYLOAD_ID] }), { updates: [] });
  });

  test('payload: the server packs and signs it', async (t) => {
    const { update } = await call({ verb: 'publish', ...sent(document(PAYLOAD_ID)), files: [payload()] });
    const expected = {
      packageId: PAYLOAD_ID,
      revision: 1,
      creationDate: '2026-11-24T10:00:00Z',
      isLocallyPublished: true,
      isExpired: false,
      isDeclined: false,
      hasContent: true,
      isMetadataOnly: false,
    };
    assert.deepEqual(update, expected);
    assert.deepEqual(await call({ verb: 'list', packageIds: [PAYLOAD_ID, SIGNED_ID] }), {
      updates: [expected],
    });
    // The site reveals the product, an administrator ticks it, and the next synchronization shows the update.
    await site.syncSite();
    const products: { CategoryTypeName: string; CategoryInstanceID: number }[] = await site.products();
    const product = products.find((one) => one.CategoryTypeName === 'Product');
    await site.enable(product?.CategoryInstanceID ?? 0);
    await site.syncSite();
    const row = await site.row(PAYLOAD_ID);
    assert.deepEqual(
      [row.IsMetadataOnlyUpdate, row.IsDeployable, row.IsContentProvisioned],
      [false, true, true],
    );
    await requireReadable(t, PAYLOAD_ID, 'wsus');
    const result = await both().install(PAYLOAD_ID, machine('25.0.0.0'));
    assert.equal(result.outcome, 'succeeded');
  });

  test('signed-cab: the server takes it from a publisher whom it trusts, and so does the client', async (t) => {
    const cabinet = offerCabinet('signed.cab', 'content');
    await call({ verb: 'publish-signed', ...sent(document(SIGNED_ID)), cabinet });
    await site.syncSite();
    await requireReadable(t, SIGNED_ID, 'content');
    assert.equal((await both().install(SIGNED_ID, machine('25.0.0.0'))).outcome, 'succeeded');
    const other = await client([site.signers.wsus.thumbprint]).install(SIGNED_ID, machine('25.0.0.0'));
    assert.ok(other.outcome === 'failed');
    assert.equal(other.hresult, '0x800B0004');
  });

  test('what is there is not published again, and metadata goes forward only', async () => {
    const again = sent(document(PAYLOAD_ID, 1));
    await assert.rejects(call({ verb: 'publish', ...again, files: [payload()] }), {
      code: 'target.refused',
      found: /already exists/,
    });
    await assert.rejects(call({ verb: 'revise', ...sent(document(PAYLOAD_ID)) }), { found: /not later/ });
    const otherFile = { ...installer, digest: Buffer.alloc(20, 1).toString('base64') };
    await assert.rejects(call({ verb: 'revise', ...sent(document(PAYLOAD_ID, 1, {}, otherFile)) }), {
      found: /other content/,
    });
    const { update } = await call({ verb: 'revise', ...again });
    assert.deepEqual([update.revision, update.creationDate], [2, '2026-11-24T10:01:00Z']);
    assert.equal((await both().install(PAYLOAD_ID, machine('25.0.0.0'))).outcome, 'succeeded');
  });

  test('content that is not what was named, or whose publisher is not trusted, is refused', async () => {
    const id = randomUUID();
    const publish = (files: ReturnType<typeof payload>[]) =>
      call({ verb: 'publish', ...sent(document(id)), files });
    await assert.rejects(publish([payload({ sha256: '0'.repeat(64) })]), { found: /expected 0000/ });
    await assert.rejects(publish([payload({ name: '..\\evil.exe' })]), { found: /not the name of a file/ });
    await assert.rejects(publish([payload({ url: 'https://patchpress.lab/content/none' })]), {
      code: 'target.unreachable',
      found: /404/,
    });
    for (const by of ['otherVendor', null] as const) {
      const cabinet = offerCabinet('other.cab', by);
      await assert.rejects(call({ verb: 'publish-signed', ...sent(document(id)), cabinet }), {
        code: 'target.refused',
        found: /Verification of file signature failed/,
        nextStep: /Trusted Publishers/,
      });
    }
    const broken = { packageId: id, sdpBase64: Buffer.from('<sdp/>').toString('base64') };
    await assert.rejects(call({ verb: 'publish-metadata', ...broken }), { found: /XmlSchemaValidation/ });
    await assert.rejects(call({ verb: 'revise', ...sent(document(id)) }), { found: /no update/ });
    assert.deepEqual(await call({ verb: 'list', packageIds: [id] }), { updates: [] });
  });

  test('metadata alone reports compliance and cannot be installed; its content can follow once', async () => {
    const id = randomUUID();
    const { update } = await call({ verb: 'publish-metadata', ...sent(document(id)) });
    assert.deepEqual([update.revision, update.hasContent], [1, false]);
    assert.equal(await stateOf(id), 'required');
    assert.equal((await both().install(id, machine('25.0.0.0'))).outcome, 'failed');
    await assert.rejects(call({ verb: 'publish-metadata', ...sent(document(id)) }), { found: /exists/ });
    const promoted = await call({ verb: 'publish', ...sent(document(id)), files: [payload()] });
    assert.deepEqual([promoted.update.revision, promoted.update.hasContent], [2, true]);
    await site.syncSite();
    assert.equal((await both().install(id, machine('25.0.0.0'))).outcome, 'succeeded');
    const again = call({ verb: 'publish', ...sent(document(id)), files: [payload()] });
    await assert.rejects(again, { found: /already exists/ });
  });

  test('content that vanished from the folder is told', async () => {
    const { packages } = await site.status();
    const { path } = packages.find((one: { packageId: string }) => one.packageId === SIGNED_ID).content;
    const bytes = readFileSync(path);
    rmSync(path);
    const hasContent = async () =>
      (await call({ verb: 'list', packageIds: [SIGNED_ID] })).updates[0]?.hasContent ?? null;
    assert.equal(await hasContent(), false);
    writeFileSync(path, bytes);
    assert.equal(await hasContent(), true);
    assert.ok(existsSync(path));
  });

  test('declined and taken back, exported, listed, signed again', async () => {
    const found = await findAtServer(bridge, PAYLOAD_ID, NEVER);
    const own = { isOurs: true };
    const act = async (act: LifecycleAct, sdp: Buffer | null = null) =>
      carryOut(
        bridge,
        planLifecycle(act, PAYLOAD_ID, await findAtServer(bridge, PAYLOAD_ID, NEVER), own),
        sdp,
        NEVER,
      );
    assert.throws(() => planLifecycle('delete', PAYLOAD_ID, found, own), { nextStep: /decline it first/ });
    assert.throws(() => planLifecycle('decline', PAYLOAD_ID, found, { isOurs: false }), {
      found: /another publisher/,
    });
    assert.equal((await act('decline'))?.isDeclined, true);
    assert.equal(await stateOf(PAYLOAD_ID), null, 'no client is told of it');
    const again = planLifecycle('decline', PAYLOAD_ID, await findAtServer(bridge, PAYLOAD_ID, NEVER), own);
    assert.deepEqual([again.does, again.reason], [null, 'it is declined already']);
    assert.equal((await act('undecline'))?.isDeclined, false);
    assert.equal(await stateOf(PAYLOAD_ID), 'required');

    const { sdpBase64 } = await call({ verb: 'export-sdp', packageId: PAYLOAD_ID });
    const exported = Buffer.from(sdpBase64, 'base64');
    assert.equal(readSdp(exported, 'exported').properties.packageId, PAYLOAD_ID);
    const { updates } = await call({ verb: 'list-local' });
    assert.ok(updates.some(({ packageId, title }) => packageId === PAYLOAD_ID && title !== ''));
    const { certificate, isInTrustedRoot } = await call({ verb: 'cert' });
    assert.deepEqual([certificate?.thumbprint, isInTrustedRoot], [site.signers.wsus.thumbprint, true]);

    const resigned = await act('resign', exported);
    assert.deepEqual([resigned?.revision, resigned?.hasContent], [(found?.revision ?? 0) + 1, true]);
    const unchanged: Bridge = { call: async () => ({ updates: [resigned] }) as never };
    const plan = planLifecycle('resign', PAYLOAD_ID, resigned, own);
    await assert.rejects(carryOut(unchanged, plan, exported, NEVER), { code: 'target.refused' });
    // Other bytes: the site has to bring them to the gateway again.
    await site.syncSite();
    await site.row(PAYLOAD_ID);
    assert.equal((await both().install(PAYLOAD_ID, machine('25.0.0.0'))).outcome, 'succeeded');
  });

  test('deleted when it is declined, for good', async () => {
    const id = randomUUID();
    await call({ verb: 'publish', ...sent(document(id)), files: [payload()] });
    const own = { isOurs: true };
    const plan = async (act: LifecycleAct) =>
      planLifecycle(act, id, await findAtServer(bridge, id, NEVER), own);
    await assert.rejects(call({ verb: 'delete', packageId: id }), { found: /not declined/ });
    await carryOut(bridge, await plan('decline'), null, NEVER);
    assert.equal(await carryOut(bridge, await plan('delete'), null, NEVER), null);
    assert.deepEqual((await plan('delete')).does, null);
    await assert.rejects(plan('decline'), { found: 'none' });
  });

  test('cleaned by the schedule: declined, deleted when the grace is over, by the host that leads alone', async (t) => {
    const id = randomUUID();
    await call({ verb: 'publish', ...sent(document(id)), files: [payload()] });
    const ledger = await openLedger({ file: ':memory:' });
    t.after(() => ledger.close());
    await ledger.transaction(async (tx) => {
      await tx.putUpdate(updateOf(1, { packageId: id, route: 'direct' }));
      await tx.putPublication({ ...SUPERSEDED, packageId: id });
    });
    const world = { now: new Date('2026-11-28T10:00:00Z'), told: (_: object) => {} };
    const cleaning = createCleaning({
      bridge,
      ledger,
      clock: { now: () => world.now },
      log: { ...silentLog, info: (facts) => world.told(facts) },
      rule: { keep: 0, graceDays: 1, everyHours: 24 },
    });
    t.after(() => cleaning.stop());
    const look = async () => {
      const name = 'schedule';
      const token = await ledger.takeLease({ name, holder: 'here', leaseMs: 6000 }, world.now);
      assert.ok(token);
      await assert.rejects(cleaning.look({ name, token: token - 1 }));
      const told = new Promise<object>((resolve) => {
        world.told = resolve;
      });
      await cleaning.look({ name, token });
      return told;
    };
    assert.deepEqual(await look(), { act: 'decline', packageId: id });
    assert.equal((await findAtServer(bridge, id, NEVER))?.isDeclined, true);
    // Nothing is due, so nobody asks whose lead it is.
    await cleaning.look({ name: 'schedule', token: 0 });
    world.now = new Date('2026-11-29T11:00:00Z');
    assert.deepEqual(await look(), { act: 'delete', packageId: id });
    assert.equal(await findAtServer(bridge, id, NEVER), null);
    const audit = (await ledger.audit([id])).map(({ actor, action }) => `${actor}: ${action}`);
    assert.deepEqual(audit, [
      'schedule: begin to decline',
      'schedule: decline',
      'schedule: begin to delete',
      'schedule: delete',
    ]);
    const publication = await ledger.publication('software-update-point', id);
    assert.match(
      `${publication?.state}: ${publication?.reason}`,
      /^expired: deleted at the server by schedule/,
    );
  });

  test('expired once: clients are not offered it any more, and nothing brings it back', async () => {
    const { update } = await call({ verb: 'expire', packageId: SIGNED_ID });
    assert.deepEqual([update.isExpired, update.revision], [true, 2]);
    assert.equal(await stateOf(SIGNED_ID), null);
    await assert.rejects(call({ verb: 'expire', packageId: SIGNED_ID }), { found: /expired already/ });
    await assert.rejects(call({ verb: 'revise', ...sent(document(SIGNED_ID, 59)) }), { found: /is expired/ });
  });

  test('catalog and direct publishing are never mixed for one id', async () => {
    const signed = site.offer('signed.exe', 'built.exe', site.signers.vendor);
    const pkg = (packageId: string, minute: number) => {
      const made = document(packageId, minute, {}, signed);
      const items = made.installableItems.map((item) => ({ ...item, originFile: signed }));
      return { ...made, installableItems: items };
    };
    site.publishCatalog([pkg(CATALOG_ID, 0), pkg(PAYLOAD_ID, 30)], site.signers.catalog, [
      site.signers.vendor,
    ]);
    await site.syncCatalog();
    const { packages } = await site.status();
    const found = (packageId: string) =>
      packages.find((one: { packageId: string }) => one.packageId === packageId);
    assert.match(found(PAYLOAD_ID).fault, /11524: another publisher/);
    assert.deepEqual([found(PAYLOAD_ID).origin, found(PAYLOAD_ID).revision], ['direct', 3]);
    assert.equal(found(CATALOG_ID).origin, 'catalog');
    await assert.rejects(call({ verb: 'revise', ...sent(document(CATALOG_ID, 5)) }), {
      found: /imported from a catalog/,
    });
    await assert.rejects(call({ verb: 'expire', packageId: CATALOG_ID }), {
      found: /imported from a catalog/,
    });
    const publish = { verb: 'publish', ...sent(document(CATALOG_ID, 5)), files: [payload()] } as const;
    await assert.rejects(call(publish), { found: /already exists/ });
    assert.equal((await site.publish(PAYLOAD_ID)).status, 400);
  });

  test('without the token of the bridge nobody publishes; the token of the site is another', async () => {
    for (const token of ['', 'a token for tests']) {
      const file = join(site.folder, 'other-bridge.json');
      writeFileSync(file, JSON.stringify({ ...site.bridgeServer, token }));
      const bridge = createCommandBridge({ command: [process.execPath, FAR_SIDE, file], timeoutMs: 30_000 });
      await assert.rejects(bridge.call({ verb: 'probe' }, NEVER), { found: 'HTTP status 401' });
    }
  });
});

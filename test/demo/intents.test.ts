import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { certificateDer, createSelfSignedCodeSigning } from '../../signing/certificates/index.js';
import { TARGET_OF } from '../../src/core/publication.js';
import { type LabReady, withContentPublisher } from '../../src/lab/index.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { installOn, signerFor } from './devices.js';
import { type IntentsDemo, LINES, METADATA_LINES, openIntentsDemo } from './intents.js';
import { toldToWitness, whyNoWitness } from './witness.js';

const CLI = fileURLToPath(new URL('../../src/app/mains/cli.js', import.meta.url));
const FAR_SIDE = fileURLToPath(new URL('../../src/lab/windows-bridge/main.js', import.meta.url));
const WSUS = 'CN=WSUS Publishers Self-signed, O=Patchpress Lab';
const NEXT_WSUS = 'CN=WSUS Publishers Next, O=Patchpress Lab';

/** What the four devices say: without the product, with the version before, with this version, with a later one. */
const asEver = (revision: number) => [
  `notApplicable ${revision}`,
  `required ${revision}`,
  `installed ${revision}`,
  `installed ${revision}`,
];
const NO_ONE = ['not offered', 'not offered', 'not offered', 'not offered'];
/** As the update server counts: content that the site publishes is a revision of its own there. */
const atServer = (revision: number) => ({ catalog: revision + 1, direct: revision });

describe('what clients behind the gateway are told after each republish and lifecycle verb', () => {
  let world: IntentsDemo;
  let lab: LabReady;
  before(async () => {
    world = await openIntentsDemo();
    lab = world.demo.lab;
    world.demo.service.start();
  });
  after(() => world.close());

  const ledger = () => world.demo.foundation.ledger;
  const idOf = (product: string, version: string) => world.idOf(product, version);
  const install = (id: string) => installOn(world.demo, world.older, id, lab.clientTrust);
  const others = () => METADATA_LINES.map(({ product, version }) => idOf(product, version));
  const ofBoth = <V extends string>(verb: V, version: 'version' | 'next') =>
    LINES.map((line) => ({ verb, packageId: idOf(line.product, line[version]) }));

  test('publish: each device is told what it is to it, and the one that needs it installs it', async () => {
    await world.sync();
    const told = await world.scanAll(false);
    for (const { route, product, version } of LINES) {
      const id = idOf(product, version);
      assert.deepEqual(told.get(id), asEver(atServer(1)[route]), route);
      await world.requireVerified(route, id, 1);
      assert.equal(await install(id), 'installed');
    }
  });

  test('metadata alone: clients tell who needs it, nothing can be downloaded, nothing is called done', async () => {
    const requests = others().map((packageId) => ({ verb: 'repair' as const, packageId }));
    await world.carryOut(...requests);
    const told = await world.scanAll();
    for (const { route, product, version } of METADATA_LINES) {
      const id = idOf(product, version);
      assert.deepEqual(told.get(id), asEver(1), route);
      assert.equal(await install(id), '0x80242006', 'it has no file');
      const publication = await ledger().publication(TARGET_OF[route], id);
      assert.deepEqual(
        [publication?.state, publication?.content, publication?.proof, publication?.clients],
        ['visible', 'metadata', null, null],
      );
      const { standing, hops } = await world.demo.service.operations.explain(id);
      assert.match(standing[0] ?? '', new RegExp(`nothing can be installed.*patchpress promote ${id}`));
      assert.equal(hops.at(-1)?.hop, 'visible');
    }
  });

  test('promote: the same revision has its content, and the client that needs it installs it', async () => {
    const requests = others().map((packageId) => ({ verb: 'promote' as const, packageId }));
    const plans = await world.carryOut(...requests);
    const told = await world.scanAll();
    for (const [line, { route, product, version }] of METADATA_LINES.entries()) {
      const id = idOf(product, version);
      const { packageId, revision } = plans[line] ?? {};
      assert.deepEqual(
        [packageId, revision],
        [
          { from: id, to: id },
          { from: 1, to: 1 },
        ],
      );
      assert.deepEqual(told.get(id), asEver(2), route);
      await world.requireVerified(route, id, 1);
      assert.equal(await install(id), 'installed');
      const again = await world.demo.service.operations.preview({ verb: 'promote', packageId: id });
      assert.match(again.nothing ?? '', /published already/);
    }
  });

  for (const [index, verb] of (['revise', 'rebuild'] as const).entries()) {
    test(`${verb}: the next revision takes the place of the one before on each device`, async () => {
      const [from, to] = [index + 1, index + 2];
      const plans = await world.carryOut(...ofBoth(verb, 'version'));
      const told = await world.scanAll();
      for (const [line, { route, product, version }] of LINES.entries()) {
        const id = idOf(product, version);
        assert.deepEqual(plans[line]?.packageId, { from: id, to: id });
        assert.deepEqual(plans[line]?.revision, { from, to });
        assert.deepEqual(told.get(id), asEver(atServer(to)[route]), route);
        await world.requireVerified(route, id, to);
        assert.equal(await install(id), 'installed');
      }
      assert.equal((await ledger().updates()).length, LINES.length + METADATA_LINES.length);
    });
  }

  test('resign: the catalog has another signature, and no client sees anything of it', async () => {
    const [catalog = '', direct = ''] = LINES.map(({ product, version }) => idOf(product, version));
    const looks = await world.looksAt('catalog', catalog, 3);
    const before = await ledger().latestCatalogRevision('configmgr-catalog');
    const told = await world.scanAll();
    const [plan] = await world.carryOut({ verb: 'resign', packageId: catalog });
    const now = await ledger().latestCatalogRevision('configmgr-catalog');
    const numbers = { from: before?.number, to: now?.number };
    assert.deepEqual([plan?.revision, plan?.catalogRevision], [null, numbers]);
    assert.deepEqual(now?.members, before?.members);
    assert.notEqual(now?.cabSha256, before?.cabSha256);
    assert.deepEqual(await world.scanAll(), told);
    assert.equal(await world.requireVerified('catalog', catalog, 3), looks, 'nothing to prove again');
    await assert.rejects(world.demo.service.operations.preview({ verb: 'resign', packageId: direct }), {
      code: 'plan.refused',
      nextStep: `patchpress server resign ${direct}`,
    });
  });

  test('server resign: content of the direct route has the new certificate, and clients verify it', async () => {
    const id = idOf('7zip.7zip', '26.02');
    const other = idOf('WinSCP.WinSCP', '6.5.6');
    const before = await world.scanAll();
    const looks = await world.looksAt('direct', id, 3);
    const identity = createSelfSignedCodeSigning({ subject: NEXT_WSUS });
    const oldTrust = lab.clientTrust;
    lab = withContentPublisher(lab, certificateDer(identity.certificate));
    assert.deepEqual(await signerFor(world.older, id, oldTrust), [WSUS]);
    await world.demo.importWsusCertificate(identity);
    await serverResign(id);
    await world.atRest();
    assert.deepEqual(await signerFor(world.older, id, lab.clientTrust), [NEXT_WSUS]);
    assert.deepEqual(await signerFor(world.older, id, oldTrust), ['0x800B0109']);
    assert.equal(await install(id), 'installed');
    assert.ok((await world.requireVerified('direct', id, 3)) > looks, 'other bytes are proven again');
    const told = await world.scanAll();
    assert.deepEqual([told.get(id), told.get(other)], [asEver(4), before.get(other)]);
  });

  async function serverResign(packageId: string): Promise<void> {
    const { dataDir } = world;
    const command = [process.execPath, FAR_SIDE, join(dataDir, 'lab-access', 'windows-bridge.json')];
    const file = join(dataDir, 'settings.yaml');
    writeFileSync(file, JSON.stringify({ dataDir, softwareUpdatePoint: { command } }));
    const words = [CLI, 'server', 'resign', packageId, '--reason', 'a new certificate', '--json'];
    const env = { ...process.env, PATCHPRESS_CONFIG: file };
    const { stdout } = await promisify(execFile)(process.execPath, words, { env });
    const { isDone, revisionBefore, update } = JSON.parse(stdout);
    assert.deepEqual([isDone, revisionBefore, update.revision, update.hasContent], [true, 3, 4, true]);
  }

  test('repair: what gateway and content store have lost is there again, and is proven again', async () => {
    const before = await world.scanAll();
    const { content } = world.demo.foundation;
    rmSync(join(world.dataDir, 'lab', 'cloud-management-gateway'), { recursive: true });
    const lost: string[] = [];
    const looks: number[] = [];
    for (const { route, product, version } of LINES) {
      const id = idOf(product, version);
      assert.equal(await install(id), '0x80246008');
      looks.push(await world.looksAt(route, id, 3));
      const { payloadSha256 = '' } = (await ledger().update(id)) ?? {};
      const { sdpSha256 = '' } = (await ledger().latestRevision(id)) ?? {};
      lost.push(payloadSha256, sdpSha256);
      for (const sha256 of [payloadSha256, sdpSha256]) rmSync(content.pathOf(sha256));
    }
    const plans = await world.carryOut(...ofBoth('repair', 'version'));
    for (const sha256 of lost) assert.equal(await content.check(sha256), 'whole');
    assert.deepEqual(await world.scanAll(), before);
    for (const [line, { route, product, version }] of LINES.entries()) {
      const id = idOf(product, version);
      assert.deepEqual([plans[line]?.packageId, plans[line]?.revision], [{ from: id, to: id }, null]);
      assert.equal(await install(id), 'installed');
      assert.ok((await world.requireVerified(route, id, 3)) > (looks[line] ?? 0), route);
      const { variant = '' } = (await ledger().update(id)) ?? {};
      const { sha256 = '', fileName = '' } = (await ledger().installer(product, version, variant)) ?? {};
      assert.equal(await digestOfServed(sha256, fileName), sha256);
    }
  });

  /** What our own content server hands out. */
  async function digestOfServed(sha256: string, name: string): Promise<string> {
    const port = world.demo.service.contentServer?.port ?? 0;
    const hosts = { 'patchpress.lab': { address: '127.0.0.1', port } };
    const transport = createHttpsTransport({ ca: lab.tlsCa, client: null, hosts, timeoutMs: 20_000 });
    try {
      const { body } = await transport.get(`https://patchpress.lab/content/${sha256}/${name}`, {}, 1 << 24);
      return createHash('sha256').update(body).digest('hex');
    } finally {
      transport.close();
    }
  }

  test('the next version is offered in the place of this one', async () => {
    for (const { product } of LINES) await world.demo.release(product);
    await world.sync();
    const told = await world.scanAll();
    for (const { route, product, version, next } of LINES) {
      const n = atServer(1)[route];
      const asNewer = [`notApplicable ${n}`, `required ${n}`, `required ${n}`, `installed ${n}`];
      assert.deepEqual([told.get(idOf(product, version)), told.get(idOf(product, next))], [NO_ONE, asNewer]);
      await world.requireVerified(route, idOf(product, next), 1);
    }
  });

  test('rollback: the bad version is told to nobody, the old one is offered under a new PackageID', async () => {
    const requests = LINES.map(({ product, version: to, next }) => ({ packageId: idOf(product, next), to }));
    const plans = await world.carryOut(...requests.map((one) => ({ verb: 'rollback' as const, ...one })));
    for (const [line, { product }] of LINES.entries()) {
      world.know(product, 'again', plans[line]?.packageId?.to ?? '');
    }
    const told = await world.scanAll();
    for (const { route, product, version, next } of LINES) {
      const [first, bad, back] = [idOf(product, version), idOf(product, next), idOf(product, 'again')];
      // The last device has the bad version, and keeps it.
      assert.deepEqual(told.get(back), asEver(atServer(1)[route]), route);
      assert.deepEqual([told.get(bad), told.get(first)], [NO_ONE, NO_ONE]);
      const publication = await ledger().publication(TARGET_OF[route], bad);
      assert.deepEqual([publication?.state, publication?.revision], ['expired', 2]);
      await world.requireVerified(route, back, 1);
      assert.equal(await install(back), 'installed');
      assert.equal(await install(bad), '0x80240034');
    }
  });

  test('after the rollback an independent client is told the same', async (t) => {
    const why = await whyNoWitness();
    if (why !== null) return t.skip(why);
    const backs = LINES.map(({ product }) => idOf(product, 'again'));
    for (const device of world.devices.slice(0, 2)) {
      assert.deepEqual(await toldToWitness(device, world.dataDir), [...others(), ...backs].sort());
    }
    return undefined;
  });

  test('expire: nobody is told of it, nor of what it took the place of; where it is it stays', async () => {
    const packages = LINES.map(({ product }) => idOf(product, 'again'));
    const requests = packages.map((packageId) => ({ verb: 'expire' as const, packageId }));
    const plans = await world.carryOut(...requests);
    const told = await world.scanAll();
    const { operations } = world.demo.service;
    for (const [line, { route, product, version, next }] of LINES.entries()) {
      const packageId = idOf(product, 'again');
      for (const one of [version, next, 'again']) assert.deepEqual(told.get(idOf(product, one)), NO_ONE);
      const publication = await ledger().publication(TARGET_OF[route], packageId);
      assert.deepEqual([publication?.state, publication?.revision], ['expired', 2]);
      assert.deepEqual(plans[line]?.revision, { from: 1, to: 2 });
      assert.equal(await install(packageId), '0x80240034');
      const again = await operations.preview({ verb: 'expire', packageId });
      assert.equal(again.nothing, 'revision 2 is expired already');
      for (const verb of ['revise', 'rebuild'] as const) {
        await assert.rejects(operations.preview({ verb, packageId }), { code: 'plan.refused' });
      }
    }
  });

  test('after the end an independent client is told of the others alone', async (t) => {
    const why = await whyNoWitness();
    if (why !== null) return t.skip(why);
    assert.deepEqual(await toldToWitness(world.older, world.dataDir), others().sort());
    return undefined;
  });
});

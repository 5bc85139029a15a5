import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDemoArguments } from '../../src/app/demo/arguments.js';
import { type Demo, setUp } from '../../src/app/demo/set-up.js';
import { waitUntilAtRest } from '../../src/app/demo/wait.js';
import type { Plan } from '../../src/core/plan.js';
import { CANARY_ROLES, EXPECTED_CANARY, type Route, TARGET_OF } from '../../src/core/publication.js';
import type { VerbRequest } from '../../src/operations/verbs/request.js';
import { type Device, openDevice } from './devices.js';
import { temporaryFolder } from './run.js';

/** One signed by its vendor, one unsigned; each was released before, is released now, and is released once more. */
export const LINES = [
  { route: 'catalog', product: 'WinSCP.WinSCP', older: '6.5.5', version: '6.5.6', next: '6.5.7' },
  { route: 'direct', product: '7zip.7zip', older: '26.01', version: '26.02', next: '26.03' },
] as const;
/** The policy wants of these metadata alone; the content of the second is a cabinet that our signer signs. */
export const METADATA_LINES = [
  { route: 'catalog', product: 'Git.Git', older: '2.55.0.4', version: '2.55.0.5', next: '2.55.0.5' },
  { route: 'direct', product: 'WinMerge.WinMerge', older: '2.16.56', version: '2.16.58', next: '2.16.58' },
] as const;
const ALL_LINES = [...LINES, ...METADATA_LINES];
export const BY = { operator: { name: 'test' }, reason: 'because' };
const PATIENCE_MS = 120_000;

/** A demo of four products, two for each route, and four computers behind its gateway. */
export interface IntentsDemo {
  readonly demo: Demo;
  /** Without the products, with the version before, with the one released now, and with the one released next. */
  readonly devices: readonly Device[];
  readonly older: Device;
  readonly dataDir: string;
  /** A new sync, and the PackageIDs of what it found. */
  sync(): Promise<void>;
  atRest(): Promise<void>;
  /** `version`: as released, or `again` for what took its place in a rollback. */
  idOf(product: string, version: string): string;
  know(product: string, version: string, packageId: string): void;
  /** By PackageID what each device says; each remembers what it was told before. */
  scanAll(isDelta?: boolean): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Each as it was previewed, and twice more: that is the same request. */
  carryOut(...requests: readonly VerbRequest[]): Promise<readonly Plan[]>;
  /** Rises each time that the service's own canary has looked at this revision; it has come to an end. */
  looksAt(route: Route, packageId: string, revision: number): Promise<number>;
  /** The latest revision, verified by the service's own canary; returns its looks. */
  requireVerified(route: Route, packageId: string, revision: number): Promise<number>;
  close(): Promise<void>;
}

export async function openIntentsDemo(): Promise<IntentsDemo> {
  const dataDir = temporaryFolder('demo-intents');
  const args = parseDemoArguments(['--data-dir', dataDir]);
  const silent = { step: () => undefined, turn: () => undefined };
  const only = ALL_LINES.map(({ product }) => product);
  const demo = await setUp({ ...args, only, policyFile: writePolicy(dataDir), pollMs: 100 }, silent);
  const { ledger } = demo.foundation;
  const { operations } = demo.service;
  const having = (which: 'older' | 'version' | 'next') =>
    Object.fromEntries(ALL_LINES.map((line) => [line.product, line[which]]));
  const older = openDevice(demo, 'older', 'older', having('older'));
  const devices = [
    openDevice(demo, 'missing', 'missing', {}),
    older,
    openDevice(demo, 'current', 'current', having('version')),
    openDevice(demo, 'current', 'next', having('next')),
  ];
  const ids = new Map<string, string>();
  const fullScanBytes: number[] = [];
  const perform = (what: VerbRequest, plan: string) => operations.perform({ what, ...BY, plan });

  const self: IntentsDemo = {
    demo,
    devices,
    older,
    dataDir,
    async sync() {
      await operations.sync(BY);
      await self.atRest();
      for (const { packageId, productId, version } of await ledger.updates()) {
        ids.set(`${productId} ${version}`, packageId);
      }
    },
    async atRest() {
      const deadline = new Date(Date.now() + PATIENCE_MS);
      assert.equal(await waitUntilAtRest(ledger, deadline, demo.requireAlive), true);
      const open = await ledger.work({ states: ['waiting', 'held', 'failed'] });
      assert.deepEqual(
        open.map(({ key, reason }) => [key, reason]),
        [],
      );
    },
    idOf: (product, version) => ids.get(`${product} ${version}`) ?? '',
    know: (product, version, packageId) => void ids.set(`${product} ${version}`, packageId),
    async scanAll(isDelta = true) {
      const known = [...ids.values()];
      const scans = await Promise.all(devices.map((device) => device.scan(known)));
      for (const [index, scan] of scans.entries()) {
        assert.equal(scan.isDelta, isDelta);
        if (!isDelta) fullScanBytes[index] = scan.receivedBytes;
        else assert.ok(scan.receivedBytes < (fullScanBytes[index] ?? 0), `${scan.receivedBytes} bytes`);
        assert.equal(scan.actions.has('Uninstall'), false);
      }
      return new Map(known.map((id, index) => [id, scans.map(({ says }) => says[index] ?? '')]));
    },
    async carryOut(...requests) {
      const plans: Plan[] = [];
      for (const what of requests) {
        const plan = await operations.preview(what);
        assert.equal(plan.nothing, null);
        const done = [await perform(what, plan.digest), await perform(what, plan.digest)];
        assert.deepEqual(
          done.map(({ isNew }) => isNew),
          [true, false],
        );
        plans.push(plan);
      }
      await self.atRest();
      for (const [index, what] of requests.entries()) {
        assert.equal((await perform(what, plans[index]?.digest ?? '')).isNew, false);
      }
      return plans;
    },
    async looksAt(route, packageId, revision) {
      const key = [TARGET_OF[route], packageId, revision, `r${revision}`].join('/');
      const work = (await ledger.work()).find((one) => one.stage === 'verification' && one.key === key);
      assert.equal(work?.state, 'done', work?.reason ?? 'never');
      return work?.token ?? 0;
    },
    async requireVerified(route, packageId, revision) {
      const publication = await ledger.publication(TARGET_OF[route], packageId);
      assert.deepEqual(
        [publication?.state, publication?.revision, publication?.proof, publication?.reason],
        ['verified', revision, 'lab', null],
      );
      for (const role of CANARY_ROLES) {
        assert.deepEqual(publication?.clients?.[role], EXPECTED_CANARY[role], role);
      }
      assert.equal((await ledger.latestRevision(packageId))?.revision, revision);
      return self.looksAt(route, packageId, revision);
    },
    async close() {
      await demo.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return self;
}

/** The demo's own, with a rule before its others. */
function writePolicy(dataDir: string): string {
  const file = join(dataDir, 'policy.yaml');
  const products = METADATA_LINES.map(({ product }) => product);
  const rule = `rules:\n  - {products: ${JSON.stringify(products)}, publish: automatic, content: metadata}\n`;
  writeFileSync(file, readFileSync('catalogs/demo-policy.yaml', 'utf8').replace(/^rules:\n/m, rule));
  return file;
}

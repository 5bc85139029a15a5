import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { createSigningStage } from '../../signing/stage.js';
import { silentLog } from '../../src/app/logger.js';
import { createContentStore } from '../../src/content/store.js';
import type { Policy } from '../../src/core/decide.js';
import type { Compute, ProductCatalog, Site } from '../../src/core/ports.js';
import type { ContentWish } from '../../src/core/publication.js';
import { type ProductDefinition, variantOf } from '../../src/core/product.js';
import type { Stage, StageName } from '../../src/core/stage.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { installerTechnologies } from '../../src/installers/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { createOperations } from '../../src/operations/operations.js';
import { createPackagesStage } from '../../src/packages/stage.js';
import { createPublishingStage } from '../../src/publishing/stage.js';
import { createReleasesStage } from '../../src/releases/stage.js';
import { createStageRunner, describeWork } from '../../workers/runner.js';
import { inspectionOf, productOf, putty64, rowOf } from '../packages/products.js';
import { formalSigner, inlineCompute } from '../publishing/line.js';
import { CERTIFICATE, formalAttestor } from '../publishing/samples.js';

export const VARIANT = variantOf(putty64);
export const PRODUCT = 'PuTTY.PuTTY';
export const SIGNER = 'CN=Simon Tatham';
export const TRUSTING: Policy = {
  rules: [{ products: ['*'], publish: 'automatic' }],
  signers: [{ subject: { equalTo: SIGNER }, accept: true }],
};
export const BY = { operator: { name: 'ada' }, reason: 'because' };

export interface Options {
  readonly policy?: Policy;
  readonly product?: ProductDefinition;
  readonly site?: Site;
  /** Absent: full. */
  readonly contentWishFor?: (productId: string) => ContentWish;
  /** A data folder as a service has it; absent: a ledger in memory. */
  readonly dataDir?: string;
}

/** What a vendor's file says of itself here: its version and its signer, as text. */
interface VendorFile {
  readonly version: string;
  readonly subject: string | null;
  readonly salt?: string;
}

/** The stages from the acquisition on, between real ledger, content store and runner; vendor, signer and site are stand-ins. */
export async function openByHand(t: TestContext, options: Options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-by-hand-'));
  const { dataDir } = options;
  const ledger = await openLedger({ file: dataDir === undefined ? ':memory:' : join(dataDir, 'ledger.db') });
  t.after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await ledger.transaction((tx) => tx.putSetting('site.id', 'test'));
  const content = createContentStore(dataDir === undefined ? folder : join(dataDir, 'content'));
  const world = {
    now: new Date('2026-11-24T10:00:00.000Z'),
    policy: options.policy ?? TRUSTING,
    product: options.product ?? productOf([putty64]),
    /** By address: what the vendor's host answers. */
    files: new Map<string, VendorFile>(),
    downloads: 0,
  };
  const clock = { now: () => world.now };
  const products: ProductCatalog = {
    get: (id) => (id === world.product.id ? world.product : null),
    all: () => [world.product],
    faults: () => [],
  };
  const compute: Compute = {
    async run(task, input) {
      if (task !== 'inspectInstaller') return inlineCompute.run(task, input);
      const { version } = readVendorFile((input as { path: string }).path);
      const displayVersion = `${version}.0.0`;
      const row = rowOf({ displayName: `PuTTY release ${version} (64-bit)`, displayVersion });
      return inspectionOf({ version: displayVersion, arp: [row] }) as never;
    },
  };
  const signer = formalSigner(content);
  const http = {
    get: async () => {
      throw new Error('no feed here');
    },
    async download({ url }: { url: string }) {
      world.downloads += 1;
      const body = Readable.from([bytesOf(world.files.get(url))]);
      return { finalUrl: url, headers: {}, body, offsetBytes: 0, totalBytes: null, validator: null };
    },
  };
  const stagesNow = () => {
    const shared = { ledger, content, compute, clock, products, policy: world.policy };
    // biome-ignore lint/suspicious/noExplicitAny: as in the runner.
    const stages: readonly Stage<any>[] = [
      createReleasesStage({
        ...shared,
        http,
        verifier: { verify: async (path) => signatureOf(readVendorFile(path)) },
        findMismatches: () => [],
        maxInstallerBytes: 1 << 20,
        downloadTimeoutMs: 1000,
      }),
      createPackagesStage({
        ...shared,
        technologies: installerTechnologies,
        versionSchemes,
        catalog: { vendorName: 'Patchpress', productName: 'Patchpress Updates' },
        contentBaseUrl: 'https://patchpress.lab',
      }),
      createSigningStage({ ledger, content, attestor: formalAttestor, signer }),
      createPublishingStage({
        ...shared,
        signer,
        site: options.site ?? null,
        enableProducts: true,
        enableClassifications: true,
        deploymentRules: null,
        deployments: null,
        bridge: null,
        mirror: null,
        contentBaseUrl: 'https://patchpress.lab',
        promoteAtFor: () => null,
        contentWishFor: options.contentWishFor ?? (() => 'full'),
        siteId: 'test',
        catalog: { name: 'patchpress' },
        flushIntervalMs: 0,
        pollMs: 60_000,
      }),
      endOfLine,
    ];
    return new Map<StageName, Stage<unknown>>(stages.map((stage) => [stage.name, stage]));
  };
  const operations = () =>
    createOperations({
      ledger,
      content,
      products,
      clock,
      policy: world.policy,
      queue: { counts: async () => Promise.reject(new Error('no queue')) } as never,
      target: 'configmgr-catalog',
      describeWork: (job) => describeWork(stagesNow(), job),
      onEnqueued: () => undefined,
    });
  /** Runs what is due until nothing is; the keys in the order they were run. */
  const settle = async (): Promise<readonly string[]> => {
    const keys: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const due = (await ledger.undelivered(1000)).filter(
        ({ notBefore }) => notBefore === null || notBefore <= world.now.toISOString(),
      );
      if (due.length === 0) return keys;
      await ledger.clearDelivered(due.map(({ id }) => id));
      const settings = { leaseMs: 5000, maxAttempts: 2, backoffMs: 1 };
      const runner = createStageRunner({ ledger, clock, log: silentLog, stages: stagesNow(), settings });
      for (const { workId } of due) {
        if ((await runner.runWork(workId, new AbortController().signal)) !== 'ran') continue;
        const work = await ledger.workById(workId);
        keys.push(`${work?.stage}:${work?.key}`);
      }
      world.now = new Date(world.now.getTime() + 1000);
    }
    throw new Error('the line does not come to rest');
  };
  return {
    ledger,
    content,
    world,
    signer,
    operations,
    settle,
    /** A vendor releases a version, and the line takes it as far as it goes. */
    async release(version: string, file: Partial<VendorFile> = {}) {
      const url = `https://vendor.example/${version}/putty.msi`;
      world.files.set(url, { version, subject: SIGNER, ...file });
      const digests = { sha1: null, sha256: null, sha512: null };
      const assets = [{ name: 'putty.msi', url, sizeBytes: null, digests }];
      const release = {
        version,
        prerelease: false,
        publishedAt: null,
        assets,
        notesUrl: null,
        withdrawn: false,
      };
      const input = { productId: PRODUCT, version, variant: VARIANT };
      const job = { stage: 'releases', input } as const;
      await ledger.transaction(async (tx) => {
        await tx.putRelease({ productId: PRODUCT, version, seenAt: world.now.toISOString(), release });
        await tx.enqueue({ ...job, ...describeWork(stagesNow(), job), again: 'when-finished' }, world.now);
      });
      return settle();
    },
    async update(version: string, respin = 0) {
      const found = (await ledger.updates()).find((one) => one.version === version && one.respin === respin);
      if (found === undefined) throw new Error(`${version} respin ${respin} was not built`);
      return found;
    },
    publication: (packageId: string) => ledger.publication('configmgr-catalog', packageId),
    catalog: () => ledger.latestCatalogRevision('configmgr-catalog'),
    async held() {
      return (await ledger.work({ states: ['held', 'failed'] })).map(
        ({ stage, code }) => `${stage}: ${code}`,
      );
    },
    /** Overwrites an object, or removes it. */
    damage(sha256: string, bytes: string | null) {
      const path = content.pathOf(sha256);
      rmSync(path);
      if (bytes === null) return;
      writeFileSync(path, bytes);
      chmodSync(path, 0o444);
    },
  };
}

export type ByHand = Awaited<ReturnType<typeof openByHand>>;

export function bytesOf(file: VendorFile | undefined): Buffer {
  return Buffer.from(JSON.stringify(file ?? null));
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function readVendorFile(path: string): VendorFile {
  return JSON.parse(readFileSync(path, 'utf8')) as VendorFile;
}

function signatureOf({ subject }: VendorFile) {
  if (subject === null) return { status: 'unsigned' } as const;
  return {
    status: 'valid',
    signer: {
      subject,
      issuer: 'CN=Test CA',
      serial: '01',
      thumbprint: 'AA',
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2036-01-01T00:00:00.000Z',
      certificateDer: CERTIFICATE,
    },
    digestAlgorithm: 'sha256',
    timestamp: null,
  } as const;
}

const endOfLine: Stage<{ packageId: string; runId: string }> = {
  name: 'verification',
  parse: (data) => data as { packageId: string; runId: string },
  key: ({ packageId, runId }) => `verify/${packageId}/${runId}`,
  subject: () => null,
  run: async () => ({ outcome: 'advanced', next: [] }),
};

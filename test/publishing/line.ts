import type { TestContext } from 'node:test';
import { silentLog } from '../../src/app/logger.js';
import { runTask } from '../../src/app/threads/tasks.js';
import { createContentStore } from '../../src/content/store.js';
import type {
  Attestor,
  Compute,
  ContentStore,
  Ledger,
  ProductCatalog,
  Signer,
  Site,
} from '../../src/core/ports.js';
import type { Mirror } from '../../src/core/mirror.js';
import type { ContentWish } from '../../src/core/publication.js';
import type { InstallerRecord, PublicationRecord, UpdateRecord, WorkRecord } from '../../src/core/records.js';
import type { Stage, StageName } from '../../src/core/stage.js';
import { signedReserve } from '../../src/formats/cab/index.js';
import { openLedger } from '../../src/ledger/ledger.js';
import type { Deployments } from '../../src/publishing/configuration-manager/deployment/index.js';
import type { DeploymentRules } from '../../src/publishing/configuration-manager/deployment-rule.js';
import type { PublishingInput } from '../../src/publishing/jobs.js';
import type { Bridge } from '../../src/publishing/software-update-point/bridge.js';
import { createPublishingStage } from '../../src/publishing/stage.js';
import { createStageRunner } from '../../workers/runner.js';
import { temporaryFolder } from '../formats/programs.js';
import { creationDateOf, formalAttestor, installerOf, revisionOf, sdpOf, updateOf } from './samples.js';

export const T0 = new Date('2026-11-24T10:00:00.000Z');
export const POLL_MS = 60_000;

export const inlineCompute: Compute = {
  run: async (task, input) => runTask(task, input),
};

/** Signs in form only: fills the reserve and appends bytes where the signature stands. */
export function formalSigner(
  content: ContentStore,
): Signer & { readonly requests: Parameters<Signer['sign']>[0][] } {
  const requests: Parameters<Signer['sign']>[0][] = [];
  return {
    requests,
    async sign(request) {
      requests.push(request);
      const signed = Buffer.from(await content.get(request.contentSha256));
      const signature = Buffer.alloc(64, requests.length);
      signedReserve({ offset: signed.length, sizeBytes: signature.length }).copy(signed, 40);
      const { sha256 } = await content.putBuffer(Buffer.concat([signed, signature]));
      return { sha256, certificateThumbprint: 'AA' };
    },
  };
}

export interface Line {
  readonly ledger: Ledger;
  readonly content: ContentStore;
  readonly signer: ReturnType<typeof formalSigner>;
  /** Puts an update as packages and signing leave it; the same number again is its next revision. */
  build(n: number, changes?: Partial<UpdateRecord>): Promise<{ packageId: string; revision: number }>;
  enqueue(input: PublishingInput, again?: boolean): Promise<void>;
  /** Builds and enqueues its publish job. */
  publish(n: number, changes?: Partial<UpdateRecord>): Promise<{ packageId: string; revision: number }>;
  /** Runs what the outbox has that is due; returns the keys in the order they were run. */
  step(): Promise<readonly string[]>;
  /** Steps until nothing is due. */
  settle(): Promise<readonly string[]>;
  /** One turn of one work, as a second delivery would. */
  turn(key: string): Promise<'ran' | 'not-mine'>;
  work(key: string): Promise<WorkRecord | undefined>;
  publication(n: number): Promise<PublicationRecord | null>;
  wait(ms: number): void;
  now(): Date;
}

export interface LineOptions {
  readonly site?: (line: () => Line) => Site;
  readonly bridge?: (line: () => Line) => Bridge;
  readonly flushIntervalMs?: number;
  readonly enableProducts?: boolean;
  /** Absent: by hand alone. */
  readonly promoteAtFor?: (productId: string) => number | null;
  readonly mirror?: Mirror;
  /** Absent: full. */
  readonly contentWishFor?: (productId: string) => ContentWish;
  readonly enableClassifications?: boolean;
  readonly deploymentRules?: DeploymentRules;
  readonly deployments?: (line: () => Line) => Deployments;
  readonly signer?: (line: () => Line, formal: Signer) => Signer;
  readonly attestor?: Attestor;
  /** What was acquired for an update; absent: a file that is described only. */
  readonly installer?: (update: UpdateRecord, n: number) => InstallerRecord;
  /** What is made of an update's document before it is stored; absent: nothing. */
  readonly document?: (sdp: string, n: number) => string;
  /** Where the content store is; absent: a folder of its own. */
  readonly contentDir?: string;
  /** Whoever opened it closes it; absent: one in memory. */
  readonly ledger?: Ledger;
  readonly startAt?: Date;
}

/** The publishing stage between real parts: ledger, content store, runner and cabinets; signer and site are stand-ins. */
export async function openLine(t: TestContext, options: LineOptions = {}): Promise<Line> {
  const ledger = options.ledger ?? (await openOwnLedger(t));
  const content = createContentStore(options.contentDir ?? temporaryFolder(t));
  const signer = formalSigner(content);
  let now = options.startAt ?? T0;
  const clock = { now: () => now };
  const products: ProductCatalog = {
    get: (id) => ({ id, vendor: 'Contoso' }) as never,
    all: () => [],
    faults: () => [],
  };
  const line = (): Line => self;
  const publishing = createPublishingStage({
    ledger,
    content,
    compute: inlineCompute,
    signer: options.signer?.(line, signer) ?? signer,
    products,
    site: options.site?.(line) ?? null,
    enableProducts: options.enableProducts ?? true,
    enableClassifications: options.enableClassifications ?? true,
    deploymentRules: options.deploymentRules ?? null,
    deployments: options.deployments?.(line) ?? null,
    bridge: options.bridge?.(line) ?? null,
    contentBaseUrl: 'https://patchpress.lab',
    mirror: options.mirror ?? null,
    promoteAtFor: options.promoteAtFor ?? (() => null),
    contentWishFor: options.contentWishFor ?? (() => 'full'),
    clock,
    siteId: 'lab',
    catalog: { name: 'patchpress' },
    flushIntervalMs: options.flushIntervalMs ?? 0,
    pollMs: POLL_MS,
  });
  // biome-ignore lint/suspicious/noExplicitAny: as in the runner.
  const stages = new Map<StageName, Stage<any>>([
    ['publishing', publishing],
    ['verification', endOfLine],
  ]);
  const runner = createStageRunner({
    ledger,
    clock,
    log: silentLog,
    stages,
    settings: { leaseMs: 5000, maxAttempts: 3, backoffMs: 1000 },
  });
  const run = (id: number) => runner.runWork(id, new AbortController().signal);
  const workOf = async (key: string) => (await ledger.work()).find((one) => one.key === key);

  const self: Line = {
    ledger,
    content,
    signer,
    async build(n, changes) {
      const update = updateOf(n, changes);
      const installer = (options.installer ?? installerOf)(update, n);
      const revision = ((await ledger.latestRevision(update.packageId))?.revision ?? 0) + 1;
      const written = sdpOf(update, installer, creationDateOf(revision));
      const sdp = options.document?.(written, n) ?? written;
      const { sha256 } = await content.putBuffer(Buffer.from(sdp, 'utf8'));
      await content.putBuffer(Buffer.from(`payload ${n}`));
      await ledger.transaction(async (tx) => {
        await tx.putInstaller(installer);
        await tx.putUpdate(update);
        await tx.putRevision(revisionOf(update, revision, sha256, options.attestor ?? formalAttestor));
      });
      return { packageId: update.packageId, revision };
    },
    async enqueue(input, again = false) {
      const job = { stage: 'publishing', input, again } as const;
      const subject = { product: null, version: null, variant: null };
      await ledger.transaction((tx) => tx.enqueue({ ...job, ...subject, key: publishing.key(input) }, now));
    },
    async publish(n, changes) {
      const built = await self.build(n, changes);
      await self.enqueue({ kind: 'publish', ...built });
      return built;
    },
    async step() {
      const due = (await ledger.undelivered(1000)).filter(
        ({ notBefore }) => notBefore === null || notBefore <= now.toISOString(),
      );
      if (due.length === 0) return [];
      await ledger.clearDelivered(due.map(({ id }) => id));
      const keys: string[] = [];
      for (const { workId } of due) {
        const key = (await ledger.workById(workId))?.key ?? '';
        if ((await run(workId)) === 'ran') keys.push(key);
      }
      return keys;
    },
    async settle() {
      const keys: string[] = [];
      for (let round = 0; round < 50; round += 1) {
        const ran = await self.step();
        if (ran.length === 0) return keys;
        keys.push(...ran);
      }
      throw new Error('the line does not come to rest');
    },
    turn: async (key) => run((await workOf(key))?.id ?? 0),
    work: workOf,
    publication: (n) => ledger.publication('configmgr-catalog', updateOf(n).packageId),
    wait(ms) {
      now = new Date(now.getTime() + ms);
    },
    now: () => now,
  };
  return self;
}

async function openOwnLedger(t: TestContext): Promise<Ledger> {
  const ledger = await openLedger({ file: ':memory:' });
  t.after(() => ledger.close());
  return ledger;
}

const endOfLine: Stage<{ packageId: string; runId: string }> = {
  name: 'verification',
  parse: (data) => data as { packageId: string; runId: string },
  key: ({ packageId, runId }) => `verify/${packageId}/${runId}`,
  subject: () => null,
  run: async () => ({ outcome: 'advanced', next: [] }),
};

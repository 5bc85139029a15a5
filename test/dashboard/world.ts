import { randomBytes } from 'node:crypto';
import { silentLog } from '../../src/app/logger.js';
import { PermanentError } from '../../src/core/errors.js';
import type { Plan, Verb } from '../../src/core/plan.js';
import { EXPECTED_CANARY } from '../../src/core/publication.js';
import { type DashboardOptions, hashPassword, startDashboard } from '../../src/dashboard/index.js';
import { gaugeVocabulary } from '../../src/core/vocabulary.js';
import type { Operations } from '../../src/operations/operations.js';
import type { Overview, OverviewRow } from '../../src/operations/overview.js';
import type { RepublishRequest } from '../../src/operations/republish.js';
import type { SyncRequest } from '../../src/operations/sync.js';
import type { PerformRequest } from '../../src/operations/verbs/request.js';

export const PASSWORD = 'correct horse battery staple';
export const NOW = new Date('2026-11-24T10:00:00.000Z');
const PASSWORD_HASH = hashPassword(PASSWORD);

export function row(n: number, more: Partial<OverviewRow> = {}): OverviewRow {
  return {
    productId: `vendor/product-${n}`,
    productName: `Product ${n}`,
    version: `${n}.0.1`,
    variant: 'x64/msi/any/machine',
    packageId: `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`,
    revision: 1,
    route: 'catalog',
    routeReason: null,
    state: 'verified',
    reached: 'verified',
    code: null,
    reason: null,
    nextStep: null,
    proof: 'lab',
    clients: EXPECTED_CANARY,
    content: null,
    catalogRevision: 3,
    startedAt: '2026-11-24T09:00:00.000Z',
    hops: [],
    changedAt: '2026-11-24T09:58:00.000Z',
    ...more,
  };
}

export function overviewOf(rows: readonly OverviewRow[], more: Partial<Overview> = {}): Overview {
  const idle = { waiting: 0, active: 0, delayed: 0 };
  return {
    rows,
    queues: {
      feeds: { waiting: 3, active: 2, delayed: 0 },
      releases: { waiting: 0, active: 1, delayed: 1 },
      packages: idle,
      signing: idle,
      publishing: { ...idle, delayed: 1 },
      verification: idle,
    },
    definitionFaults: [],
    unfinished: 7,
    catalog: { revision: 3, cabSha256: 'ab'.repeat(32), createdAt: '2026-11-24T09:57:00.000Z' },
    vocabulary: gaugeVocabulary([]),
    ...more,
  };
}

/** Operations that write down what they are asked, and an overview that a test changes. */
export function fakeOperations(first: Overview) {
  const asked = {
    sync: [] as SyncRequest[],
    republish: [] as RepublishRequest[],
    perform: [] as PerformRequest[],
  };
  const operations: Operations & { overviewNow: Overview } = {
    overviewNow: first,
    async overview() {
      return this.overviewNow;
    },
    async sync(request) {
      asked.sync.push(request);
      return { syncId: 'sync-1', productIds: ['a'], retried: 0 };
    },
    async planSync() {
      return { at: NOW.toISOString(), products: [] };
    },
    async feedHealth() {
      return { asked: 0, unhealthy: [] };
    },
    async syncProgress() {
      return {};
    },
    async republish(request) {
      asked.republish.push(request);
      const known = this.overviewNow.rows.find((one) => one.packageId === request.packageId);
      if (known === undefined) throw new PermanentError('not-found', 'no such update');
      const { packageId } = request;
      return {
        packageId,
        requestId: request.requestId ?? 'made',
        fromRevision: known.revision ?? 0,
        isNew: true,
      };
    },
    async preview(what) {
      if ('productId' in what) return planOf(what.verb, `${what.productId} ${what.version}`);
      const known = this.overviewNow.rows.find((one) => one.packageId === what.packageId);
      if (known === undefined) throw new PermanentError('not-found', 'no such update');
      const from = known.revision ?? 0;
      return {
        ...planOf(what.verb, `${known.productName} ${known.version}`),
        packageId: { from: what.packageId, to: what.packageId },
        revision: { from, to: from + 1 },
      };
    },
    async perform(request) {
      asked.perform.push(request);
      const plan = await this.preview(request.what);
      if (request.plan !== undefined && request.plan !== plan.digest) {
        throw new PermanentError('plan.stale', 'it does not stand any more', {
          nextStep: 'preview it again',
        });
      }
      return { requestId: 'made', plan, isNew: true };
    },
    async explain(subject) {
      const known = this.overviewNow.rows.find(
        (one) => one.packageId === subject || one.productId === subject,
      );
      if (known === undefined) throw new PermanentError('not-found', 'no such product or update');
      return {
        subject,
        about: `${known.productName} ${known.version}`,
        standing: [known.reason ?? known.state],
        update: null,
        content: null,
        updates: [],
        hops: [
          { hop: 'released', at: '2026-11-23T05:00:00.000Z' },
          { hop: 'seen', at: '2026-11-24T09:00:00.000Z' },
        ],
        story: [{ at: '2026-11-24T09:00:00.000Z', kind: 'person', text: known.reason ?? 'nothing' }],
      };
    },
  };
  return { operations, asked };
}

export const DIGEST = 'ab'.repeat(32);

function planOf(verb: Verb, about: string): Plan {
  return {
    verb,
    about,
    packageId: null,
    revision: null,
    catalogRevision: { from: 3, to: 4 },
    does: [`does ${about}`],
    clients: ['sees <nothing>'],
    nothing: null,
    digest: DIGEST,
  };
}

export async function openDashboard(first: Overview, more: Partial<DashboardOptions> = {}) {
  const { operations, asked } = fakeOperations(first);
  const dashboard = await startDashboard({
    listen: { host: '127.0.0.1', port: 0 },
    operations,
    passwordHash: await PASSWORD_HASH,
    sessionKey: randomBytes(32),
    assetsDir: 'src/dashboard/assets',
    log: silentLog,
    now: () => NOW,
    schedule: async () => [{ catalog: 'patchpress', at: new Date('2026-11-24T12:17:00.000Z') }],
    ...more,
  });
  return { ...dashboard, operations, asked };
}

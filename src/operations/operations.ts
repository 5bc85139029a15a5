import type { Plan } from '../core/plan.js';
import type { OperationsDeps } from './deps.js';
import { type Explanation, explain } from './explain.js';
import { type FeedsHealth, feedHealth } from './feed-health.js';
import { type Overview, overview } from './overview.js';
import { type RepublishRequest, type RepublishStarted, republish } from './republish.js';
import { type SyncProgress, type SyncRequest, type SyncStarted, sync } from './sync.js';
import { planSync, type SyncPlan, type SyncPlanRequest } from './sync-plan.js';
import { perform, preview } from './verbs/perform.js';
import type { Performed, PerformRequest, VerbRequest } from './verbs/request.js';
import { createVocabularyGauge } from './vocabulary.js';

/** The use cases behind the command line, the API and the pages. */
export interface Operations {
  sync(request: SyncRequest): Promise<SyncStarted>;
  /** What a sync would ask and what would follow; nothing changes. */
  planSync(request: SyncPlanRequest): Promise<SyncPlan>;
  /** How many feeds of a sync are in each state. */
  syncProgress(syncId: string): Promise<SyncProgress>;
  republish(request: RepublishRequest): Promise<RepublishStarted>;
  overview(): Promise<Overview>;
  /** Which feeds are unwell, and why. */
  feedHealth(): Promise<FeedsHealth>;
  /** What would happen, before it does. */
  preview(what: VerbRequest): Promise<Plan>;
  /** Everything an administrator does by hand. */
  perform(request: PerformRequest): Promise<Performed>;
  /** Of a product or a PackageID: why it stands where it stands. */
  explain(subject: string): Promise<Explanation>;
}

export function createOperations(deps: OperationsDeps): Operations {
  const gauge = createVocabularyGauge(deps);
  return {
    sync: (request) => sync(deps, request),
    planSync: (request) => planSync(deps, request),
    syncProgress: (syncId) => deps.ledger.countWork({ stage: 'feeds', keyEnd: `/${syncId}` }),
    republish: (request) => republish(deps, request),
    overview: () => overview(deps, gauge),
    feedHealth: () => feedHealth(deps),
    preview: (what) => preview(deps, what),
    perform: (request) => perform(deps, request),
    explain: (subject) => explain(deps, subject),
  };
}

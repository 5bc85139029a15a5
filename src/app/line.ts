import { createJobQueue, type RedisLocation } from '../../workers/queue.js';
import { createReconciler } from '../../workers/reconcile.js';
import { createRelay } from '../../workers/relay.js';
import { createStageRunner, describeWork, type Turn } from '../../workers/runner.js';
import { startWorkers } from '../../workers/worker.js';
import type { Policy } from '../core/decide.js';
import type { Clock, ContentStore, JobQueue, Ledger, Log, ProductCatalog } from '../core/ports.js';
import type { ProductSelection } from '../core/selection.js';
import { STAGES, type Stage, type StageName } from '../core/stage.js';
import type { OperationsDeps } from '../operations/deps.js';
import { createOperations, type Operations } from '../operations/operations.js';

/** Leases and locks are short, so that killed work resumes within seconds; both are renewed while a turn runs. */
const LEASE_MS = 6000;
const QUEUE_LOCK_MS = 5000;
const STALLED_CHECK_MS = 2000;
const SWEEP_MS = 2000;
const RELAY_POLL_MS = 500;

/** Feeds wait for hosts, not for us: so many that the few which hosts may hold up leave enough for all others. */
const CONCURRENCY: Readonly<Record<StageName, number>> = {
  feeds: 32,
  releases: 4,
  packages: 4,
  signing: 4,
  publishing: 4,
  verification: 2,
};

// biome-ignore lint/suspicious/noExplicitAny: each stage decodes its own input.
export type StageMap = ReadonlyMap<StageName, Stage<any>>;

export interface LineDeps {
  readonly ledger: Ledger;
  readonly redis: RedisLocation;
  readonly stages: StageMap;
  readonly content: ContentStore;
  readonly products: ProductCatalog;
  readonly selection?: ProductSelection;
  readonly policy: Policy;
  readonly catalog?: OperationsDeps['catalog'];
  readonly clock: Clock;
  readonly log: Log;
  /** Which stages this host works on; all by default. */
  readonly work?: readonly StageName[];
  /** Turns of a stage at the same time on this host, where not as many as usual. */
  readonly concurrency?: Partial<Record<StageName, number>>;
  /** No other host works on this ledger: leases of a killed run are void at once. */
  readonly onlyHost: boolean;
  /** How long the outside may be out of order before work is given up until the next sync. */
  readonly retries: Retries;
  readonly onTurn?: (turn: Turn) => void;
}

export interface Retries {
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly longestBackoffMs: number;
}

/** The queue side around the stages: what wakes them, and the use cases that put work in. */
export interface Line {
  readonly operations: Operations;
  /** For the schedule's own use cases. */
  readonly operationsDeps: OperationsDeps;
  readonly queue: JobQueue;
  start(): void;
  close(): Promise<void>;
}

export function createLine(deps: LineDeps): Line {
  const { ledger, clock, log, stages } = deps;
  const queue = createJobQueue(deps.redis);
  const relay = createRelay({ ledger, queue, clock, log, pollMs: RELAY_POLL_MS });
  const runner = createStageRunner({
    ledger,
    clock,
    log,
    stages,
    settings: { leaseMs: LEASE_MS, ...deps.retries },
    onTurn: (turn) => {
      relay.nudge();
      deps.onTurn?.(turn);
    },
  });
  const reconciler = createReconciler({
    ledger,
    queue,
    clock,
    log,
    sweepMs: SWEEP_MS,
    onlyHost: deps.onlyHost,
    onRequeued: () => relay.nudge(),
  });
  const operationsDeps: OperationsDeps = {
    ledger,
    queue,
    content: deps.content,
    products: deps.products,
    policy: deps.policy,
    ...(deps.selection === undefined ? {} : { selection: deps.selection }),
    clock,
    target: 'configmgr-catalog',
    ...(deps.catalog === undefined ? {} : { catalog: deps.catalog }),
    describeWork: (job) => describeWork(stages, job),
    onEnqueued: () => relay.nudge(),
  };
  let workers: { close(): Promise<void> } | null = null;
  return {
    operations: createOperations(operationsDeps),
    operationsDeps,
    queue,
    start() {
      reconciler.start();
      relay.start();
      workers = startWorkers(
        deps.work ?? STAGES,
        runner,
        deps.redis,
        {
          lockMs: QUEUE_LOCK_MS,
          stalledCheckMs: STALLED_CHECK_MS,
          concurrency: { ...CONCURRENCY, ...deps.concurrency },
        },
        log,
      );
    },
    async close() {
      await reconciler.stop();
      await workers?.close();
      await relay.stop();
      await queue.close();
    },
  };
}

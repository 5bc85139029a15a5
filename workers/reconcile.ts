import { describeFault } from '../src/core/errors.js';
import type { Clock, JobQueue, Ledger, Log } from '../src/core/ports.js';

export interface Reconciler {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Keeps the queue true to the ledger: at the start and after Redis lost its memory everything unfinished is queued
 * again, and every `sweepMs` the work that a dead worker left behind or whose wake-up was lost.
 */
export function createReconciler(deps: {
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly sweepMs: number;
  /** True for the embedded service, where no other host can hold a lease. */
  readonly onlyHost: boolean;
  readonly onRequeued: () => void;
}): Reconciler {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let started = false;

  async function sweep(): Promise<void> {
    const remembers = await deps.queue.remembers();
    const which = started ? (remembers ? 'abandoned' : 'all') : deps.onlyHost ? 'all-and-leased' : 'all';
    const requeued = await deps.ledger.requeue(which, deps.clock.now());
    started = true;
    if (requeued === 0) return;
    deps.log.info({ requeued, which }, 'work queued again');
    deps.onRequeued();
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      running = sweep()
        .catch((error: unknown) => deps.log.warn({ error: describeFault(error) }, 'reconcile failed'))
        .finally(() => {
          if (timer !== null) schedule(deps.sweepMs);
        });
    }, delayMs);
  }

  return {
    start: () => schedule(0),
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}

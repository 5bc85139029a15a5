import { describeFault } from '../src/core/errors.js';
import type { Clock, JobQueue, Ledger, Log } from '../src/core/ports.js';

const BATCH = 200;

/**
 * Moves the outbox to the queue, and rebuilds the queue from the ledger. A row is cleared only after the queue has
 * taken it; a crash in between wakes a worker twice, which the fencing token makes harmless.
 */
export function createRelay(deps: {
  ledger: Ledger;
  queue: JobQueue;
  clock: Clock;
  log: Log;
  pollMs: number;
}): {
  /** Delivers what is there now; returns how many. */
  deliver(): Promise<number>;
  /** Delivers on and on, and soon after `nudge`. */
  start(): void;
  nudge(): void;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<number> = Promise.resolve(0);
  let stopped = false;

  /**
   * One after the other: SQLite gives the ids of cleared rows away again, so a second pass that had read the same rows
   * would clear those that came in their place, and their work would never be woken.
   */
  function deliver(): Promise<number> {
    running = running.catch(() => 0).then(deliverAll);
    return running;
  }

  async function deliverAll(): Promise<number> {
    let delivered = 0;
    for (;;) {
      const rows = await deps.ledger.undelivered(BATCH);
      if (rows.length === 0) return delivered;
      const now = deps.clock.now().getTime();
      await deps.queue.wake(
        rows.map(({ workId, token, stage, notBefore }) => ({
          workId,
          token,
          stage,
          delayMs: notBefore === null ? 0 : Math.max(0, Date.parse(notBefore) - now),
        })),
      );
      await deps.ledger.clearDelivered(rows.map((row) => row.id));
      delivered += rows.length;
    }
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      deliver()
        .catch((error: unknown) => deps.log.warn({ error: describeFault(error) }, 'outbox not delivered'))
        .finally(() => {
          if (timer === null) schedule(deps.pollMs);
        });
    }, delayMs);
  }

  return {
    deliver,
    start: () => schedule(0),
    nudge: () => schedule(0),
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running.catch(() => 0);
    },
  };
}

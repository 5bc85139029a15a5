import { randomUUID } from 'node:crypto';
import { describeFault } from '../src/core/errors.js';
import type { Clock, Ledger, Log } from '../src/core/ports.js';

const LEASE = 'schedule';

/** The lease under which the schedule's effects are written. */
export interface Lead {
  readonly name: string;
  readonly token: number;
}

export interface ScheduleDeps {
  readonly ledger: Pick<Ledger, 'takeLease' | 'giveUpLease'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks for what is due; also how often the lead is prolonged. */
  readonly tickMs: number;
  /** How long a host that does not answer any more keeps the lead. */
  readonly leaseMs: number;
  /** How often a host that keeps the lead looks again at which products there are, and clears away. */
  readonly settleMs: number;
  /** Gives every product its time. */
  readonly settle: (lead: Lead) => Promise<void>;
  /** Asks a batch of what is due; 0: nothing is. */
  readonly askDue: (lead: Lead) => Promise<number>;
}

export interface Schedule {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Scheduled sync. Any number of hosts run it, one leads: the lease is a row of the ledger, and a host that lost it can
 * write nothing of the schedule any more, as each transaction asks for its token. The times are in the ledger too, so
 * that neither a restart nor an emptied Redis forgets one.
 */
export function createSchedule(deps: ScheduleDeps): Schedule {
  const holder = randomUUID();
  let settled: { readonly token: number; readonly atMs: number } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  /** Prolongs the lead before each batch: many batches may follow one another. */
  async function takeLead(): Promise<Lead | null> {
    const wanted = { name: LEASE, holder, leaseMs: deps.leaseMs };
    const token = await deps.ledger.takeLease(wanted, deps.clock.now());
    return token === null ? null : { name: LEASE, token };
  }

  async function tick(): Promise<void> {
    for (let lead = await takeLead(); lead !== null && !stopped; lead = await takeLead()) {
      await settleIfNeeded(lead);
      if ((await deps.askDue(lead)) === 0) return;
    }
  }

  async function settleIfNeeded(lead: Lead): Promise<void> {
    const nowMs = deps.clock.now().getTime();
    if (settled?.token === lead.token && nowMs - settled.atMs < deps.settleMs) return;
    if (settled?.token !== lead.token) deps.log.info({ token: lead.token }, 'this host leads the schedule');
    await deps.settle(lead);
    settled = { token: lead.token, atMs: nowMs };
  }

  function after(delayMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = tick()
        .catch((error: unknown) => deps.log.warn({ error: describeFault(error) }, 'schedule not kept'))
        .finally(() => after(deps.tickMs));
    }, delayMs);
  }

  return {
    start: () => after(0),
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      await deps.ledger
        .giveUpLease({ name: LEASE, holder }, deps.clock.now())
        .catch((error: unknown) => deps.log.warn({ error: describeFault(error) }, 'lead not given up'));
    },
  };
}

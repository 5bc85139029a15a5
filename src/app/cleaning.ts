import { describeFault } from '../core/errors.js';
import type { Log } from '../core/ports.js';
import type { Lead } from '../operations/scheduled.js';
import type { ActsDeps } from '../publishing/software-update-point/acts.js';
import { type CleanedStep, cleanServer } from '../publishing/software-update-point/clean.js';
import type { RetentionRule } from '../publishing/software-update-point/retention.js';

/** When the update server is cleaned by itself, and how. */
export interface CleaningRule extends RetentionRule {
  readonly everyHours: number;
}

export interface Cleaning {
  /** Begins one where it is due, and does not wait for it. */
  look(lead: Lead): Promise<void>;
  /** Ends with what runs; the next cleaning settles what that leaves open. */
  stop(): Promise<void>;
}

const BEGUN_AT = 'server-clean.begun-at';
const ORDER = { actor: 'schedule', reason: 'softwareUpdatePoint.clean' };

/**
 * `patchpress server clean` on a schedule. The host that leads takes the turn in the ledger, so that no other takes it too, and
 * works beside the schedule: a bridge that takes minutes keeps no product waiting.
 */
export function createCleaning(
  deps: ActsDeps & { readonly log: Log; readonly rule: CleaningRule },
): Cleaning {
  const { ledger, clock, log, rule } = deps;
  const end = new AbortController();
  let running: Promise<void> | null = null;

  async function clean(): Promise<void> {
    try {
      tell(log, await cleanServer(deps, rule, ORDER, end.signal));
    } catch (error) {
      log.warn({ error: describeFault(error) }, 'update server not cleaned');
    }
  }

  return {
    async look(lead) {
      if (running !== null) return;
      const now = clock.now();
      const sinceMs = now.getTime() - Date.parse((await ledger.setting(BEGUN_AT)) ?? '');
      if (sinceMs >= 0 && sinceMs < rule.everyHours * 3_600_000) return;
      await ledger.transaction(async (tx) => {
        await tx.requireLease(lead.name, lead.token);
        await tx.putSetting(BEGUN_AT, now.toISOString());
      });
      running = clean().finally(() => {
        running = null;
      });
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}

function tell(log: Log, steps: readonly CleanedStep[]): void {
  for (const { act, packageId, fault } of steps) {
    if (fault === null) log.info({ act, packageId }, 'update server cleaned');
    else log.warn({ act, packageId, error: fault }, 'update server would not');
  }
}

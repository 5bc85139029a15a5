import { TARGET_OF } from '../core/publication.js';
import { hasTurnBetween } from '../core/schedule.js';
import type { NextJob } from '../core/stage.js';
import type { OperationsDeps } from './deps.js';
import type { Lead } from './scheduled.js';

export interface VerifyAgainDeps extends OperationsDeps {
  /** How often what was verified is verified again. */
  readonly canaryEveryHours: number;
}

const LOOKED_AT = 'canary.looked-at';
/** One look reads the newest updates of all products: so much of the period comes due together. */
const LOOK_EVERY_MS = 15 * 60_000;
/** What came due while nobody led the schedule waits for its next turn, but for so much. */
const LONGEST_GAP_MS = 60 * 60_000;

/**
 * Has the canary look again at what is verified: of each product's variants the newest update, each at its own time of the
 * period, so that they are spread. Returns how many are looked at now. What is being looked at already is left to go on.
 */
export async function verifyAgain(deps: VerifyAgainDeps, lead: Lead): Promise<number> {
  const now = deps.clock.now();
  const lookedAt = Date.parse((await deps.ledger.setting(LOOKED_AT)) ?? '');
  const sinceMs = now.getTime() - lookedAt;
  if (sinceMs >= 0 && sinceMs < LOOK_EVERY_MS) return 0;
  // The first look, and one after the clock ran ahead, only begin to count.
  const from = sinceMs >= 0 ? new Date(now.getTime() - Math.min(sinceMs, LONGEST_GAP_MS)) : now;
  const jobs = await dueAgain(deps, from, now);
  await deps.ledger.transaction(async (ledger) => {
    await ledger.requireLease(lead.name, lead.token);
    await ledger.putSetting(LOOKED_AT, now.toISOString());
    for (const job of jobs) await ledger.enqueue({ ...job, ...deps.describeWork(job) }, now);
  });
  if (jobs.length > 0) deps.onEnqueued();
  return jobs.length;
}

/** The same work as after the publication, so that what it says takes the place of what it said. */
async function dueAgain(
  { ledger, canaryEveryHours }: VerifyAgainDeps,
  from: Date,
  now: Date,
): Promise<readonly (NextJob & { readonly again: 'when-finished' })[]> {
  const periodMs = canaryEveryHours * 3_600_000;
  const updates = await ledger.latestUpdates();
  const due = updates.filter(({ productId }) => hasTurnBetween(productId, periodMs, from, now));
  const targets = new Map(due.map(({ packageId, route }) => [packageId, TARGET_OF[route]]));
  const publications = await ledger.publicationsOf([...targets.keys()]);
  return publications
    .filter(({ packageId, target, state }) => state === 'verified' && targets.get(packageId) === target)
    .filter(({ reachedAt, changedAt }) => isSettled(reachedAt?.verified ?? changedAt, periodMs, now))
    .map(({ packageId, revision, target }) => ({
      stage: 'verification',
      input: { packageId, revision, target, runId: `r${revision}` },
      again: 'when-finished',
    }));
}

/** What was verified just now waits for the turn after this one. */
function isSettled(verifiedAt: string, periodMs: number, now: Date): boolean {
  return now.getTime() - Date.parse(verifiedAt) >= periodMs / 2;
}

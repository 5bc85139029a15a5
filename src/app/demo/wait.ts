import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../../core/errors.js';
import type { Ledger } from '../../core/ports.js';
import type { WorkRecord } from '../../core/records.js';

const LOOK_MS = 100;
const MOVING = ['ready', 'running', 'waiting'] as const;
/** What waits has been looked at again so often and stands for the same reason. */
const LOOKS = 2;

/**
 * Until the line has come to rest, or the deadline: false then. At rest nothing is ready or running, and what waits for the
 * outside was looked at twice more without anything new: it will wait until someone does what its reason says.
 */
export async function waitUntilAtRest(
  ledger: Ledger,
  deadline: Date,
  requireAlive: () => void = () => undefined,
): Promise<boolean> {
  const standsStill = createStillness();
  for (;;) {
    requireAlive();
    if (await isAtRest(ledger, standsStill)) return true;
    if (Date.now() > deadline.getTime()) return false;
    await pause(LOOK_MS);
  }
}

/** A ledger that cannot be asked for a moment is not at rest. */
async function isAtRest(ledger: Ledger, standsStill: (work: WorkRecord) => boolean): Promise<boolean> {
  try {
    const moving = await ledger.work({ states: MOVING });
    // All are asked: each has its own count.
    return moving.map(standsStill).every(Boolean) && (await ledger.undelivered(1)).length === 0;
  } catch (error) {
    if (error instanceof RetryableError) return false;
    throw error;
  }
}

/** Each look takes the work once and so raises its token; the look that is going on does not count yet. */
function createStillness(): (work: WorkRecord) => boolean {
  const since = new Map<number, { readonly reason: string | null; readonly token: number }>();
  return ({ id, state, reason, token }) => {
    const looks = state === 'running' ? token - 1 : token;
    const known = since.get(id);
    if (known?.reason === reason) return state !== 'ready' && looks >= known.token + LOOKS;
    since.delete(id);
    if (state === 'waiting') since.set(id, { reason, token });
    return false;
  };
}

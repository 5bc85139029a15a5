import { PermanentError, RetryableError } from '../core/errors.js';
import type { Purpose } from './faults.js';
import type { StatedBudget, TurnEnd } from './host-line.js';

type Headers = Readonly<Record<string, string>>;

const LONGEST_PAUSE_MS = 24 * 3_600_000;
/** An hour, and clocks that do not agree. */
const LONGEST_WINDOW_MS = 70 * 60_000;

/** What a status other than the wanted ones means (RFC 9110 section 15, RFC 6585 section 4). */
export function statusFault(
  purpose: Purpose,
  url: string,
  status: number,
  headers: Headers,
  now: Date,
): RetryableError | PermanentError {
  const found = `status ${status}`;
  const pauseMs = pauseOf(status, headers, now);
  if (pauseMs !== null) {
    return new RetryableError(purpose.busy, 'the host asks us to come later', {
      where: url,
      found,
      nextStep: 'nothing; it is tried again when the host says',
      ...(pauseMs === 0 ? {} : { retryAfterMs: pauseMs }),
    });
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new RetryableError(purpose.unreachable, 'the host has a fault', {
      where: url,
      found,
      nextStep: 'nothing at first; if it lasts, look at the address in a browser',
    });
  }
  return new PermanentError(purpose.refused, 'the host does not give it', {
    where: url,
    expected: 'status 200',
    found,
    nextStep: 'look at the address in a browser, and correct it in the definition',
  });
}

/** What an answer says of when its host may be asked again. */
export function turnEndOf(status: number, headers: Headers, now: Date): TurnEnd {
  const pauseMs = pauseOf(status, headers, now);
  if (pauseMs === null) return { kind: 'answered', budget: budgetOf(headers, now) };
  return { kind: 'busy', pauseMs: pauseMs === 0 ? null : pauseMs };
}

/** Null when the host does not ask for a pause, 0 when it does not say how long. */
function pauseOf(status: number, headers: Headers, now: Date): number | null {
  if (status === 429 || status === 503) return retryAfterMs(headers['retry-after'], now) ?? 0;
  // GitHub says so with 403 and its own headers.
  if (status === 403 && headers['retry-after'] !== undefined)
    return retryAfterMs(headers['retry-after'], now) ?? 0;
  if (status === 403 && headers['x-ratelimit-remaining'] === '0') {
    const resetSeconds = Number(headers['x-ratelimit-reset']);
    return Number.isFinite(resetSeconds) ? bounded(resetSeconds * 1000 - now.getTime()) : 0;
  }
  return null;
}

/**
 * GitHub's `x-ratelimit-limit`, `-remaining` and `-reset` (the second of the epoch at which an hour begins anew); null
 * where they are absent, or of another kind under the same names.
 */
function budgetOf(headers: Headers, now: Date): StatedBudget | null {
  const [perHour, remaining, resetSeconds] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
  ) as [number, number, number];
  const resetsInMs = resetSeconds * 1000 - now.getTime();
  if (!(perHour > 0 && remaining >= 0 && resetsInMs > 0 && resetsInMs <= LONGEST_WINDOW_MS)) return null;
  return { perHour, remaining, resetsInMs };
}

/** `Retry-After` (RFC 9110 section 10.2.3): seconds or a date; null for anything else. */
export function retryAfterMs(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return bounded(Number(value) * 1000);
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : bounded(time - now.getTime());
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}

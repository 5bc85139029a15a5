/** How politely one host is asked (reference F9: two at once, one a second). */
export interface HostLimits {
  readonly concurrency: number;
  /** Starts of requests, redirects too; Infinity: as many as come. */
  readonly requestsPerSecond: number;
}

/** What a host says is left of what it allows (GitHub's `x-ratelimit-*`). */
export interface StatedBudget {
  readonly perHour: number;
  readonly remaining: number;
  readonly resetsInMs: number;
}

/** What is known of one host: how many requests run, and what must not begin before when. Times are milliseconds. */
export interface HostLine {
  busy: number;
  nextStartAtMs: number;
  pausedUntilMs: number;
  /** Up to when places were promised to those who were sent away. */
  promisedUntilMs: number;
  budget: (StatedBudget & { readonly resetsAtMs: number }) | null;
  /** Failures in a row. */
  strikes: number;
}

/** How an exchange with the host ended. `busy` without a pause: the host does not say how long. */
export type TurnEnd =
  | { readonly kind: 'answered'; readonly budget: StatedBudget | null }
  | { readonly kind: 'busy'; readonly pauseMs: number | null }
  | { readonly kind: 'failed' }
  | { readonly kind: 'stopped' };

const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** A host that takes our time and gives nothing is left alone for a while from its second failure in a row. */
const FIRST_REST_MS = 5000;
const LONGEST_REST_MS = 600_000;
/** Between those who were sent away because all turns are taken. */
const NARROWEST_PROMISE_MS = 250;
const HOUR_MS = 3_600_000;

export function createHostLine(): HostLine {
  return { busy: 0, nextStartAtMs: 0, pausedUntilMs: 0, promisedUntilMs: 0, budget: null, strikes: 0 };
}

/** When the next request may begin; Infinity: when one of those that run has ended. */
export function startableAtMs(line: HostLine, limits: HostLimits, nowMs: number): number {
  if (line.busy >= limits.concurrency) return Number.POSITIVE_INFINITY;
  return Math.max(line.nextStartAtMs, line.pausedUntilMs, budgetFreeAtMs(line, nowMs));
}

/** What runs may still be counted by the host, so it is taken off what is left. */
function budgetFreeAtMs({ budget, busy }: HostLine, nowMs: number): number {
  if (budget === null || nowMs >= budget.resetsAtMs) return 0;
  return budget.remaining - busy > 0 ? 0 : budget.resetsAtMs;
}

export function beginTurn(line: HostLine, limits: HostLimits, nowMs: number): void {
  line.busy += 1;
  line.nextStartAtMs = nowMs + 1000 / limits.requestsPerSecond;
}

/** `chance` in 0..1 spreads pauses, so that several processes do not come back together. */
export function endTurn(line: HostLine, end: TurnEnd, nowMs: number, chance: number): void {
  line.busy -= 1;
  if (end.kind === 'stopped') return;
  if (end.kind === 'answered') {
    line.strikes = 0;
    if (end.budget !== null) line.budget = { ...end.budget, resetsAtMs: nowMs + end.budget.resetsInMs };
    return;
  }
  line.strikes += 1;
  const pauseMs = end.kind === 'busy' ? busyPauseMs(end.pauseMs, line.strikes) : restMs(line.strikes);
  line.pausedUntilMs = Math.max(line.pausedUntilMs, nowMs + pauseMs * (1 + chance / 4));
}

function busyPauseMs(statedMs: number | null, strikes: number): number {
  return statedMs ?? Math.min(FIRST_PAUSE_MS * 2 ** (strikes - 1), LONGEST_PAUSE_MS);
}

function restMs(strikes: number): number {
  return strikes < 2 ? 0 : Math.min(FIRST_REST_MS * 2 ** (strikes - 2), LONGEST_REST_MS);
}

/**
 * How long somebody who cannot wait here shall stay away. Each gets a time of its own, as far apart as the host can be
 * asked, so that those who come back find a turn instead of each other.
 */
export function promiseMs(line: HostLine, limits: HostLimits, nowMs: number): number {
  const startMs = startableAtMs(line, limits, nowMs);
  const freeMs = Number.isFinite(startMs) ? startMs : nowMs;
  const apartMs = Math.max(
    1000 / limits.requestsPerSecond,
    line.budget === null ? 0 : HOUR_MS / line.budget.perHour,
    NARROWEST_PROMISE_MS,
  );
  line.promisedUntilMs = Math.max(line.promisedUntilMs, freeMs, nowMs) + apartMs;
  return line.promisedUntilMs - nowMs;
}

/** Nothing is known of the host that would matter later. */
export function isIdle(line: HostLine, nowMs: number): boolean {
  const latestMs = Math.max(line.nextStartAtMs, line.pausedUntilMs, line.promisedUntilMs);
  return line.busy === 0 && latestMs <= nowMs && (line.budget?.resetsAtMs ?? 0) <= nowMs;
}

/**
 * How often a feed is asked. Each step divides the next one, so that the times at which a product is asked on one step
 * are also times of every shorter step: changing the step never asks twice in a row, and never skips (see `schedule.ts`).
 */
export const INTERVALS_MINUTES = [15, 30, 60, 120, 240, 480, 1440] as const;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A feed that never showed a release: nothing is known of its vendor yet. */
const UNKNOWN_MINUTES = 60;
/** Releases that tell a cadence; with fewer there are too few gaps for a median. */
const FEWEST_RELEASES = 3;
/** Older gaps are history: vendors change their rhythm. */
const MOST_GAPS = 12;
/** Builds of one day are one release for the cadence. */
const SAME_RELEASE_MS = DAY_MS / 4;
/** After so many releases that did not come, the rhythm has ended. */
const MISSED_BEATS = 4;

export interface Bounds {
  readonly shortestMinutes: number;
  readonly longestMinutes: number;
}

export const WIDEST_BOUNDS: Bounds = { shortestMinutes: 15, longestMinutes: 1440 };

export interface Cadence {
  /** The median gap between releases. */
  readonly gapMs: number;
  /** How far releases usually fall from where the median expects them. */
  readonly deviationMs: number;
  readonly lastAt: Date;
}

/** A vendor's rhythm from the times of its releases, in any order; null where they are too few to tell one. */
export function learnCadence(releasedAt: readonly Date[]): Cadence | null {
  const times = distinct(releasedAt);
  const lastAt = times.at(-1);
  if (lastAt === undefined || times.length < FEWEST_RELEASES) return null;
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const recent = gaps.slice(-MOST_GAPS);
  const gapMs = median(recent);
  const deviationMs = median(recent.map((gap) => Math.abs(gap - gapMs)));
  return { gapMs, deviationMs, lastAt: new Date(lastAt) };
}

/**
 * Minutes until a feed is asked again, one of `INTERVALS_MINUTES` within the bounds. Often soon after a release (a second
 * one likes to follow) and around the next expected one; the farther from both, the rarer. Without a rhythm the age of
 * the newest release decides.
 */
export function chooseInterval(
  releasedAt: readonly Date[],
  now: Date,
  bounds: Bounds = WIDEST_BOUNDS,
): number {
  const past = releasedAt.filter((time) => time.getTime() <= now.getTime());
  const newest = past.reduce((latest, time) => Math.max(latest, time.getTime()), Number.NEGATIVE_INFINITY);
  if (past.length === 0) return step(UNKNOWN_MINUTES * MINUTE_MS, bounds);
  const quietMs = now.getTime() - newest;
  const cadence = learnCadence(past);
  if (cadence === null) return step(quietMs / 64, bounds);
  return step(Math.min(quietMs / 8, expectationMs(cadence, quietMs)), bounds);
}

/** Within the window of an expected release: a fraction of the rhythm; outside: a fraction of the way to it. */
function expectationMs({ gapMs, deviationMs }: Cadence, quietMs: number): number {
  const beat = Math.max(1, Math.round(quietMs / gapMs));
  if (beat > MISSED_BEATS) return Number.POSITIVE_INFINITY;
  const windowMs = Math.min(gapMs / 4, Math.max(deviationMs, gapMs / 16));
  const outsideMs = Math.abs(quietMs - beat * gapMs) - windowMs;
  return outsideMs > 0 ? Math.max(outsideMs / 8, withinMs(gapMs)) : withinMs(gapMs);
}

function withinMs(gapMs: number): number {
  return Math.min(gapMs / 256, 60 * MINUTE_MS);
}

/** The longest step that is not longer than wished, within the bounds. */
function step(wishedMs: number, { shortestMinutes, longestMinutes }: Bounds): number {
  const allowed = INTERVALS_MINUTES.filter((one) => one >= shortestMinutes && one <= longestMinutes);
  const fitting = allowed.filter((one) => one * MINUTE_MS <= wishedMs);
  return fitting.at(-1) ?? allowed[0] ?? UNKNOWN_MINUTES;
}

/** The oldest first; what follows within some hours belongs to the release before it. */
function distinct(releasedAt: readonly Date[]): readonly number[] {
  const sorted = releasedAt.map((time) => time.getTime()).sort((a, b) => a - b);
  const kept: number[] = [];
  for (const time of sorted) {
    const before = kept.at(-1);
    if (before === undefined || time - before >= SAME_RELEASE_MS) kept.push(time);
  }
  return kept;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

import { type Bounds, INTERVALS_MINUTES, WIDEST_BOUNDS } from './cadence.js';
import { matchesGlob } from './decide.js';
import type { ProductDefinition } from './product.js';

/** When some products are asked: at the times of a cron expression, or as often as their vendor's rhythm says. */
export type ScheduleRule = {
  /** Ids of products; `*` stands for any text. */
  readonly products: readonly string[];
  /** Absent: every vendor. `*` as above. */
  readonly vendors?: readonly string[];
} & (CronTimes | AdaptiveTimes);

export interface CronTimes {
  /** Five fields, in `timezone`. */
  readonly cron: string;
  readonly timezone: string;
  /** The products of one time are spread over so many minutes after it. */
  readonly spreadMinutes: number;
}

export interface AdaptiveTimes {
  readonly adaptive: Bounds;
}

const MINUTE_MS = 60_000;
const LONGEST_MS = Math.max(...INTERVALS_MINUTES) * MINUTE_MS;
/** A turn that came late still leaves so much before the next. */
const LEAST_PAUSE_MS = 7.5 * MINUTE_MS;
const ADAPTIVE: ScheduleRule = { products: ['*'], adaptive: WIDEST_BOUNDS };

/** The first rule that names the product; without one its vendor's rhythm decides. */
export function scheduleRuleFor(
  { id, vendor }: Pick<ProductDefinition, 'id' | 'vendor'>,
  rules: readonly ScheduleRule[],
): ScheduleRule {
  const named = rules.find(
    ({ products, vendors = ['*'] }) =>
      products.some((glob) => matchesGlob(glob, id)) && vendors.some((glob) => matchesGlob(glob, vendor)),
  );
  return named ?? ADAPTIVE;
}

/**
 * The next time of an adaptive product: on its own grid, which lies `shareOf` its id into the interval. So each product
 * keeps its minute, and all together are spread evenly. Never later than one interval and `LEAST_PAUSE_MS` from now.
 */
export function nextOnGrid(productId: string, now: Date, intervalMinutes: number): Date {
  const intervalMs = intervalMinutes * MINUTE_MS;
  const offsetMs = Math.floor(shareOf(productId) * LONGEST_MS) % intervalMs;
  const earliestMs = now.getTime() + Math.min(LEAST_PAUSE_MS, intervalMs / 2);
  return new Date(offsetMs + Math.ceil((earliestMs - offsetMs) / intervalMs) * intervalMs);
}

/** Whether the product's turn came after `from`, up to `now`: once in each period, at the product's share of it. */
export function hasTurnBetween(productId: string, periodMs: number, from: Date, now: Date): boolean {
  const offsetMs = Math.floor(shareOf(productId) * periodMs);
  const turnsUntil = (time: Date): number => Math.floor((time.getTime() - offsetMs) / periodMs);
  return turnsUntil(now) > turnsUntil(from);
}

/** A cron time, moved by the product's share of the spread, which ends before the cron time after it. */
export function spreadAfter(
  productId: string,
  cronTime: Date,
  followingTime: Date,
  spreadMinutes: number,
): Date {
  const gapMs = followingTime.getTime() - cronTime.getTime();
  const windowMs = Math.min(spreadMinutes * MINUTE_MS, gapMs / 2);
  return new Date(cronTime.getTime() + Math.floor(shareOf(productId) * windowMs));
}

/** What is caught up after a pause, or asked for the first time: at most so many a second, and within the hour. */
const CATCH_UP_MS_EACH = 500;
const LONGEST_CATCH_UP_MS = 60 * MINUTE_MS;

/** When each of these products is asked that should have been asked already: once, and spread. */
export function planCatchUp(productIds: readonly string[], now: Date): ReadonlyMap<string, Date> {
  const windowMs = Math.min(productIds.length * CATCH_UP_MS_EACH, LONGEST_CATCH_UP_MS);
  return new Map(
    productIds.map((id) => [id, new Date(now.getTime() + Math.floor(shareOf(id) * windowMs))] as const),
  );
}

/** A fixed number in [0, 1) of each id, spread evenly: FNV-1a, finished as in MurmurHash3. */
export function shareOf(productId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < productId.length; index += 1) {
    hash = Math.imul(hash ^ productId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

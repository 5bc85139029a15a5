import { z } from 'zod';
import { INTERVALS_MINUTES, WIDEST_BOUNDS } from '../core/cadence.js';
import type { ScheduleRule } from '../core/schedule.js';
import { Glob } from './text-match.js';

/** Five fields of numbers, names, `*`, ranges, lists and steps; what each may hold is the schedule's to say. */
const Cron = z
  .string()
  .regex(/^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$/, 'expected five fields, such as 17 */4 * * *');
const Timezone = z.string().refine(isTimezone, 'expected a time zone, such as Europe/Berlin');
const Minutes = z.literal(INTERVALS_MINUTES);

const Adaptive = z
  .strictObject({
    shortestMinutes: Minutes.default(15),
    longestMinutes: Minutes.default(1440),
  })
  .refine(
    ({ shortestMinutes, longestMinutes }) => shortestMinutes <= longestMinutes,
    'expected shortestMinutes not above longestMinutes',
  );

/** One entry of `schedule`: with `cron` at these times, else by the vendor's rhythm within the bounds. */
export const ScheduleSchema = z
  .strictObject({
    catalog: z.exactOptional(z.string()),
    products: z.array(Glob).min(1).default(['*']),
    vendors: z.exactOptional(z.array(Glob).min(1)),
    cron: Cron.optional(),
    timezone: Timezone.default('UTC'),
    spreadMinutes: z.int().min(0).max(1440).default(30),
    adaptive: Adaptive.optional(),
  })
  .refine(
    ({ cron, adaptive }) => cron === undefined || adaptive === undefined,
    'expected cron or adaptive, not both',
  )
  .transform(
    ({ cron, timezone, spreadMinutes, adaptive, ...rule }): ScheduleRule & { readonly catalog?: string } => ({
      ...rule,
      ...(cron === undefined ? { adaptive: adaptive ?? WIDEST_BOUNDS } : { cron, timezone, spreadMinutes }),
    }),
  );

function isTimezone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

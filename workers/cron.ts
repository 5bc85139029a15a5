import { CronExpressionParser } from 'cron-parser';
import { PermanentError } from '../src/core/errors.js';

export interface CronTimes {
  /** Five fields, in `timezone`. */
  readonly cron: string;
  readonly timezone: string;
}

/** The first time of the expression after `after`. PermanentError `configuration.invalid` where it has none. */
export function nextCronTime({ cron, timezone }: CronTimes, after: Date): Date {
  try {
    return CronExpressionParser.parse(cron, { currentDate: after, tz: timezone }).next().toDate();
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'a schedule cannot be used', {
      where: `schedule: ${cron}`,
      expected: 'five-field cron and a time zone',
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'correct `schedule` in the settings',
      cause,
    });
  }
}

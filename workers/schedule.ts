import { Queue, Worker } from 'bullmq';
import { describeFault, PermanentError } from '../src/core/errors.js';
import type { Log } from '../src/core/ports.js';
import { connectRedis, queuePrefix, type RedisLocation } from './queue.js';

const SCHEDULE_QUEUE = 'schedule';

export interface SyncSchedule {
  /** The catalog's file name without its ending. */
  readonly catalog: string;
  /** Five-field cron, in `timezone`. */
  readonly cron: string;
  readonly timezone: string;
}

export interface Schedule {
  next(): Promise<readonly { readonly catalog: string; readonly at: Date | null }[]>;
  /** After Redis lost its memory. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Scheduled catalog sync. The schedules live in Redis as job schedulers, are set by the service (there is one), and are
 * only ever upserted: removing and adding one again at once loses its next run (bullmq issue 3063).
 */
export async function startSchedule(
  schedules: readonly SyncSchedule[],
  sync: (catalog: string) => Promise<void>,
  location: RedisLocation,
  log: Log,
): Promise<Schedule> {
  const connection = connectRedis(location);
  const prefix = queuePrefix(location);
  const queue = new Queue<{ catalog: string }>(SCHEDULE_QUEUE, { connection, prefix });
  const restore = () => putSchedulers(queue, schedules);
  const disconnect = async (): Promise<void> => {
    await queue.close();
    connection.disconnect();
  };
  await restore().catch(async (error: unknown) => {
    await disconnect();
    throw error;
  });
  const workerConnection = connectRedis(location);
  const worker = new Worker<{ catalog: string }>(SCHEDULE_QUEUE, (job) => sync(String(job.data.catalog)), {
    connection: workerConnection,
    prefix,
  });
  worker.on('error', (error) => log.warn({ error: describeFault(error) }, 'schedule connection'));
  worker.on('failed', (_job, error) => log.error({ error: describeFault(error) }, 'scheduled sync failed'));
  return {
    restore,
    async next() {
      const known = await queue.getJobSchedulers();
      return known.map((scheduler) => ({
        catalog: (scheduler.key ?? '').replace(/^sync-/, ''),
        at: scheduler.next === undefined ? null : new Date(scheduler.next),
      }));
    },
    async close() {
      await worker.close();
      workerConnection.disconnect();
      await disconnect();
    },
  };
}

async function putSchedulers(
  queue: Queue<{ catalog: string }>,
  schedules: readonly SyncSchedule[],
): Promise<void> {
  for (const { catalog, cron, timezone } of schedules) {
    await queue
      .upsertJobScheduler(
        `sync-${catalog}`,
        { pattern: cron, tz: timezone },
        { name: 'sync', data: { catalog }, opts: { removeOnComplete: true, removeOnFail: 100 } },
      )
      .catch((cause: unknown) => {
        throw unusable(cron, cause);
      });
  }
  const wanted = new Set(schedules.map((schedule) => `sync-${schedule.catalog}`));
  for (const known of await queue.getJobSchedulers()) {
    if (known.key !== undefined && !wanted.has(known.key)) await queue.removeJobScheduler(known.key);
  }
}

function unusable(cron: string, cause: unknown): PermanentError {
  return new PermanentError('configuration.invalid', 'a schedule cannot be used', {
    where: `schedule: ${cron}`,
    expected: 'five-field cron and a time zone',
    found: cause instanceof Error ? cause.message : String(cause),
    nextStep: 'correct `schedule` in the settings',
    cause,
  });
}

import { Queue, Worker } from 'bullmq';
import { describeFault } from '../src/core/errors.js';
import type { Log } from '../src/core/ports.js';
import { connectRedis, QUEUE_PREFIX, type RedisLocation } from './queue.js';

const SCHEDULE_QUEUE = 'schedule';

export interface SyncSchedule {
  /** The catalog's file name without its ending. */
  readonly catalog: string;
  /** Five-field cron, in `timezone`. */
  readonly cron: string;
  readonly timezone: string;
}

/**
 * Scheduled catalog sync. The schedules live in Redis as job schedulers, are set by the one service that is leader,
 * and are only ever upserted: removing and adding one again at once loses its next run (bullmq issue 3063).
 */
export async function startSchedule(
  schedules: readonly SyncSchedule[],
  sync: (catalog: string) => Promise<void>,
  location: RedisLocation,
  log: Log,
): Promise<{ next(): Promise<readonly { catalog: string; at: Date | null }[]>; close(): Promise<void> }> {
  const connection = connectRedis(location);
  const queue = new Queue<{ catalog: string }>(SCHEDULE_QUEUE, { connection, prefix: QUEUE_PREFIX });
  for (const { catalog, cron, timezone } of schedules) {
    await queue.upsertJobScheduler(
      `sync-${catalog}`,
      { pattern: cron, tz: timezone },
      { name: 'sync', data: { catalog }, opts: { removeOnComplete: true, removeOnFail: 100 } },
    );
  }
  const wanted = new Set(schedules.map((schedule) => `sync-${schedule.catalog}`));
  for (const known of await queue.getJobSchedulers()) {
    if (known.key !== undefined && !wanted.has(known.key)) await queue.removeJobScheduler(known.key);
  }
  const workerConnection = connectRedis(location);
  const worker = new Worker<{ catalog: string }>(SCHEDULE_QUEUE, (job) => sync(String(job.data.catalog)), {
    connection: workerConnection,
    prefix: QUEUE_PREFIX,
  });
  worker.on('error', (error) => log.warn({ error: describeFault(error) }, 'schedule connection'));
  worker.on('failed', (_job, error) => log.error({ error: describeFault(error) }, 'scheduled sync failed'));
  return {
    async next() {
      const known = await queue.getJobSchedulers();
      return known.map((scheduler) => ({
        catalog: (scheduler.key ?? '').replace(/^sync-/, ''),
        at: scheduler.next === undefined ? null : new Date(scheduler.next),
      }));
    },
    async close() {
      await worker.close();
      await queue.close();
      connection.disconnect();
      workerConnection.disconnect();
    },
  };
}

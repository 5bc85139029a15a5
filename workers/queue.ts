import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { JobQueue, QueueCounts, WakeUp } from '../src/core/ports.js';
import { STAGES, type StageName } from '../src/core/stage.js';

/** Where Redis is: a URL, or the unix socket of the managed child. */
export type RedisPlace = { readonly url: string } | { readonly socketPath: string };

export type RedisLocation = RedisPlace & {
  /** The ledger's own name: several installations share one Redis without waking each other's work. */
  readonly installation: string;
};

/** What travels through Redis: an id and nothing else. The truth about the work is read from the ledger. */
export type WakeUpJob = Pick<WakeUp, 'workId'>;

export function queuePrefix({ installation }: RedisLocation): string {
  return `patchpress-${installation}`;
}

/** A connection that waits for Redis as long as it takes, as BullMQ's workers require. */
export function connectRedis(location: RedisPlace): Redis {
  const options = {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, 2000),
  };
  const redis =
    'url' in location
      ? new Redis(location.url, options)
      : new Redis({ ...options, path: location.socketPath });
  // Without a listener a lost connection would end the process; the retry strategy is what handles it.
  redis.on('error', () => undefined);
  return redis;
}

export function createJobQueue(location: RedisLocation): JobQueue {
  const connection = connectRedis(location);
  const prefix = queuePrefix(location);
  const queues = new Map<StageName, Queue<WakeUpJob>>(
    STAGES.map((stage) => [stage, new Queue<WakeUpJob>(stage, { connection, prefix })]),
  );
  const queueOf = (stage: StageName): Queue<WakeUpJob> => {
    const queue = queues.get(stage);
    if (queue === undefined) throw new Error(`no queue for stage ${stage}`);
    return queue;
  };
  return {
    async wake(wakeUps) {
      for (const stage of new Set(wakeUps.map((one) => one.stage)))
        await queueOf(stage).addBulk(wakeUps.filter((one) => one.stage === stage).map(jobOf));
    },
    async counts() {
      const counted = await Promise.all(
        STAGES.map(async (stage): Promise<[StageName, QueueCounts]> => {
          const counts = await queueOf(stage).getJobCounts('waiting', 'active', 'delayed', 'prioritized');
          return [
            stage,
            {
              waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
              active: counts.active ?? 0,
              delayed: counts.delayed ?? 0,
            },
          ];
        }),
      );
      return Object.fromEntries(counted) as Record<StageName, QueueCounts>;
    },
    async remembers() {
      return (await connection.set(`${prefix}:remembers`, '1', 'GET')) !== null;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

/**
 * Named by work and token: a turn raises the token, so that the wake-up it leaves is another job than the one that ends,
 * and a wake-up that was only late is not queued again and again.
 */
function jobOf({ workId, token, stage, delayMs }: WakeUp) {
  return {
    name: stage,
    data: { workId },
    opts: { jobId: `work-${workId}-${token}`, delay: delayMs, removeOnComplete: true, removeOnFail: true },
  };
}

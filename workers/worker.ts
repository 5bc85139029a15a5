import { setMaxListeners } from 'node:events';
import { Worker } from 'bullmq';
import { describeFault } from '../src/core/errors.js';
import type { Log } from '../src/core/ports.js';
import type { StageName } from '../src/core/stage.js';
import { connectRedis, queuePrefix, type RedisLocation, type WakeUpJob } from './queue.js';
import type { StageRunner } from './runner.js';

export interface WorkerSettings {
  /** BullMQ's lock: short, so that killed work resumes within seconds; it is renewed at half its length. */
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  readonly concurrency: Readonly<Record<StageName, number>>;
}

/** Listens on the queues of some stages and runs a turn per wake-up. */
export function startWorkers(
  stages: readonly StageName[],
  runner: StageRunner,
  location: RedisLocation,
  settings: WorkerSettings,
  log: Log,
): { close(): Promise<void> } {
  const stop = new AbortController();
  // Each turn that runs listens.
  setMaxListeners(0, stop.signal);
  const workers = stages.map((stage) => {
    const connection = connectRedis(location);
    const worker = new Worker<WakeUpJob>(
      stage,
      async (job) => {
        const workId = Number(job.data.workId);
        if (!Number.isSafeInteger(workId)) return;
        await runner.runWork(workId, stop.signal);
      },
      {
        connection,
        prefix: queuePrefix(location),
        concurrency: settings.concurrency[stage],
        lockDuration: settings.lockMs,
        stalledInterval: settings.stalledCheckMs,
        // A job that is killed again and again is still only a wake-up.
        maxStalledCount: 1000,
      },
    );
    worker.on('error', (error) => log.warn({ stage, error: describeFault(error) }, 'queue connection'));
    // The ledger could not be asked or told; the reconciler wakes the work again.
    worker.on('failed', (_job, error) => log.error({ stage, error: describeFault(error) }, 'turn broke off'));
    return { worker, connection };
  });
  return {
    async close() {
      stop.abort(new Error('shutting down'));
      await Promise.all(workers.map(({ worker }) => worker.close()));
      for (const { connection } of workers) connection.disconnect();
    },
  };
}

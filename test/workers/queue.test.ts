import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ManagedRedis, startManagedRedis } from '../../src/app/children/redis.js';
import { silentLog } from '../../src/app/logger.js';
import type { JobQueue, Ledger } from '../../src/core/ports.js';
import { STAGES, type Stage, type StageName } from '../../src/core/stage.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { connectRedis, createJobQueue } from '../../workers/queue.js';
import { createReconciler } from '../../workers/reconcile.js';
import { createRelay } from '../../workers/relay.js';
import { createStageRunner } from '../../workers/runner.js';
import { startWorkers } from '../../workers/worker.js';

const folder = mkdtempSync(join(tmpdir(), 'queue-'));
const clock = { now: () => new Date() };
let redis: ManagedRedis;
let ledger: Ledger;
let queue: JobQueue;
const place = () => ({ socketPath: redis.socketPath, installation: 'test' });

before(async () => {
  redis = await startManagedRedis(folder, silentLog);
  ledger = await openLedger({ file: join(folder, 'ledger.db') });
  queue = createJobQueue(place());
});

after(async () => {
  await queue.close();
  await ledger.close();
  await redis.stop();
  rmSync(folder, { recursive: true });
});

test('work travels from the ledger through Redis to a worker, and an emptied Redis loses nothing', async () => {
  let release: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ran: number[] = [];
  const stage: Stage<number> = {
    name: 'feeds',
    parse: (data) => Number(data),
    key: (n) => `${n}`,
    subject: () => null,
    async run(n) {
      ran.push(n);
      if (ran.length === 20) release();
      return { outcome: 'advanced', next: [] };
    },
  };
  await ledger.transaction(async (tx) => {
    for (let n = 0; n < 20; n += 1) {
      await tx.enqueue(
        { stage: 'feeds', input: n, key: `${n}`, product: null, version: null, variant: null },
        clock.now(),
      );
    }
  });
  const relay = createRelay({ ledger, queue, clock, log: silentLog, pollMs: 100 });
  assert.equal(await relay.deliver(), 20);
  assert.equal((await queue.counts()).feeds.waiting, 20);
  assert.equal(await queue.remembers(), false, 'a new Redis remembers nothing');
  assert.equal(await queue.remembers(), true);

  const direct = connectRedis(redis);
  await direct.flushall();
  direct.disconnect();
  assert.equal((await queue.counts()).feeds.waiting, 0);

  const runner = createStageRunner({
    ledger,
    clock,
    log: silentLog,
    stages: new Map<StageName, Stage<number>>([['feeds', stage]]),
    settings: { leaseMs: 5000, maxAttempts: 3, backoffMs: 100 },
  });
  const reconciler = createReconciler({
    ledger,
    queue,
    clock,
    log: silentLog,
    sweepMs: 200,
    onlyHost: true,
    onRequeued: () => relay.nudge(),
  });
  const concurrency = Object.fromEntries(STAGES.map((name) => [name, 4])) as Record<StageName, number>;
  const workers = startWorkers(
    ['feeds'],
    runner,
    place(),
    { lockMs: 2000, stalledCheckMs: 1000, concurrency },
    silentLog,
  );
  relay.start();
  reconciler.start();
  await finished;
  await reconciler.stop();
  await relay.stop();
  await workers.close();
  assert.deepEqual(
    [...ran].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => n),
    'each ran exactly once',
  );
  assert.ok((await ledger.work()).every((work) => work.state === 'done'));
});

test('a killed Redis is started again and the queue goes on', async () => {
  const pids = execFileSync('pgrep', ['-f', `^\\S*(redis|valkey)-server.*${redis.socketPath}`], {
    encoding: 'utf8',
  });
  const pid = Number(pids.trim().split('\n')[0]);
  assert.ok(pid > 1);
  process.kill(pid, 'SIGKILL');
  await queue.wake([{ workId: 1, token: 0, stage: 'releases', delayMs: 0 }]);
  assert.equal((await queue.counts()).releases.waiting, 1);
});

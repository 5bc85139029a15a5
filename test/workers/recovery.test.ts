import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ManagedRedis, startManagedRedis } from '../../src/app/children/redis.js';
import { silentLog } from '../../src/app/logger.js';
import { connectRedis, createJobQueue, type RedisLocation } from '../../workers/queue.js';
import { startSchedule } from '../../workers/schedule.js';

const folder = mkdtempSync(join(tmpdir(), 'recovery-'));
let redis: ManagedRedis;
const at = (installation: string): RedisLocation => ({ socketPath: redis.socketPath, installation });

before(async () => {
  redis = await startManagedRedis(folder, silentLog);
});
after(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

test('two installations on one Redis do not see each other', async () => {
  const [one, other] = [createJobQueue(at('one')), createJobQueue(at('other'))];
  await one.wake({ id: 1, stage: 'feeds', delayMs: 0 });
  assert.equal((await one.counts()).feeds.waiting, 1);
  assert.equal((await other.counts()).feeds.waiting, 0);
  assert.equal(await one.remembers(), false);
  assert.equal(await other.remembers(), false);
  assert.equal(await one.remembers(), true);
  await Promise.all([one.close(), other.close()]);
});

test('the same work can be woken while an earlier wake-up still stands', async () => {
  const queue = createJobQueue(at('twice'));
  await queue.wake({ id: 7, stage: 'releases', delayMs: 60_000 });
  await queue.wake({ id: 7, stage: 'releases', delayMs: 0 });
  const { waiting, delayed } = (await queue.counts()).releases;
  assert.deepEqual({ waiting, delayed }, { waiting: 1, delayed: 1 });
  await queue.close();
});

test('schedules are put back after Redis was emptied', async () => {
  const wanted = [{ catalog: 'patchpress', cron: '0 3 * * *', timezone: 'Europe/Berlin' }];
  const schedule = await startSchedule(wanted, async () => undefined, at('schedule'), silentLog);
  const [next] = await schedule.next();
  assert.equal(next?.catalog, 'patchpress');
  assert.ok(next.at instanceof Date);
  const direct = connectRedis(at('schedule'));
  await direct.flushall();
  direct.disconnect();
  assert.deepEqual(await schedule.next(), []);
  await schedule.restore();
  assert.deepEqual(await schedule.next(), [next]);
  await schedule.close();
});

test('a schedule that is no cron is refused with its text', async () => {
  const wanted = [{ catalog: 'patchpress', cron: '61 * * * *', timezone: 'UTC' }];
  await assert.rejects(
    startSchedule(wanted, async () => undefined, at('wrong'), silentLog),
    { code: 'configuration.invalid', where: 'schedule: 61 * * * *' },
  );
});

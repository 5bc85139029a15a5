import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ManagedRedis, startManagedRedis } from '../../src/app/children/redis.js';
import { silentLog } from '../../src/app/logger.js';
import { createJobQueue, type RedisLocation } from '../../workers/queue.js';

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
  await one.wake([{ workId: 1, token: 0, stage: 'feeds', delayMs: 0 }]);
  assert.equal((await one.counts()).feeds.waiting, 1);
  assert.equal((await other.counts()).feeds.waiting, 0);
  assert.equal(await one.remembers(), false);
  assert.equal(await other.remembers(), false);
  assert.equal(await one.remembers(), true);
  await Promise.all([one.close(), other.close()]);
});

test('a turn can wake its work while an earlier wake-up still stands, and a late one is not queued again', async () => {
  const queue = createJobQueue(at('twice'));
  const late = { workId: 7, token: 3, stage: 'releases', delayMs: 0 } as const;
  await queue.wake([{ ...late, token: 2, delayMs: 60_000 }]);
  await queue.wake([late, { ...late, workId: 8, stage: 'feeds' }]);
  await queue.wake([late]);
  const { releases, feeds } = await queue.counts();
  assert.deepEqual([releases.waiting, releases.delayed, feeds.waiting], [1, 1, 1]);
  await queue.close();
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { bufferSource } from '../../src/core/bytes.js';
import { readCabinet } from '../../src/formats/cab/index.js';
import { connectRedis } from '../../workers/queue.js';
import { type DemoRun, publicationsOf, runDemo, TROUBLED, temporaryFolder } from './run.js';

/** How often each storm blows; PATCHPRESS_STORMS=5 for the long form. */
const STORMS = Number(process.env.PATCHPRESS_STORMS ?? 1);
const LOOK_MS = 40;

/** Goes on beside a run until that has ended. */
type Storm = (dataDir: string, isOver: () => boolean) => Promise<void>;

describe('what goes wrong while the line runs', () => {
  const whole = temporaryFolder('demo-calm');
  const folders = [whole];
  let calm: DemoRun;

  before(async () => {
    calm = await runDemo(whole, { words: TROUBLED });
    assert.equal(calm.code, 0, calm.stderr);
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  async function runThrough(dataDir: string, storms: readonly Storm[], onProgress?: (text: string) => void) {
    let over = false;
    const run = runDemo(dataDir, {
      words: TROUBLED,
      ...(onProgress === undefined ? {} : { onProgress }),
    }).finally(() => {
      over = true;
    });
    await Promise.all(storms.map((storm) => storm(dataDir, () => over)));
    return run;
  }

  function requireSame(run: DemoRun): void {
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    assert.deepEqual(publicationsOf(run.report), publicationsOf(calm.report));
  }

  test('Redis killed and flushed again and again: nothing lost, nothing twice, no half catalog', async () => {
    const dataDir = temporaryFolder('demo-redis');
    folders.push(dataDir);
    const reader = createCatalogReader();
    const run = await runThrough(
      dataDir,
      [(dir, isOver) => troubleRedis(dir, isOver, STORMS), reader.storm],
      reader.onProgress,
    );
    requireSame(run);
    assert.ok(reader.seen.size > 0, 'the reader saw at least one catalog');
    assert.deepEqual(reader.faults, []);
  });

  test('a disk that is full for a while: the run carries on when there is space', async (t) => {
    const dataDir = temporaryFolder('demo-disk');
    folders.push(dataDir);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dataDir]);
    if (mounted.status !== 0) return t.skip('a file system of its own cannot be mounted here');
    try {
      // A program cannot start on a full disk; what is asked here is that a line which runs carries on.
      let begun = false;
      const storm: Storm = async (dir, isOver) => {
        await until(() => begun, isOver);
        await fillDisk(dir, isOver, STORMS);
      };
      const onProgress = (text: string): void => {
        begun ||= text.includes('feeds');
      };
      requireSame(await runThrough(dataDir, [storm], onProgress));
    } finally {
      execFileSync('umount', ['-l', dataDir]);
    }
  });
});

/** Waits until the line has begun, then lets Redis die or forget, with time to come back in between. */
async function troubleRedis(dataDir: string, isOver: () => boolean, times: number): Promise<void> {
  const socketPath = join(dataDir, 'redis', 'redis.sock');
  await until(() => exists(socketPath) && exists(join(dataDir, 'ledger.db')), isOver);
  for (let n = 0; n < times && !isOver(); n += 1) {
    await pause(1500 + 700 * n);
    if (n % 2 === 0) {
      const redis = connectRedis({ socketPath });
      await Promise.race([redis.flushall(), pause(1000)]).catch(() => undefined);
      redis.disconnect();
    } else {
      spawnSync('pkill', ['-9', '-f', `^\\S*(redis|valkey)-server.*${socketPath}`]);
    }
  }
}

/** Takes all space, keeps it for a moment, gives it back. */
async function fillDisk(dataDir: string, isOver: () => boolean, times: number): Promise<void> {
  const ballast = join(dataDir, 'ballast');
  for (let n = 0; n < times && !isOver(); n += 1) {
    await pause(300 + 900 * n);
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' });
    await pause(1500);
    rmSync(ballast, { force: true });
  }
}

/** A site that asks for the catalog all the while, and looks at each one that it is handed. */
function createCatalogReader() {
  const seen = new Set<string>();
  const faults: string[] = [];
  let port = 0;
  const look = async (): Promise<void> => {
    const answer = await fetchCatalog(port);
    if (answer === null || answer.status === 404) return;
    const digest = createHash('sha256').update(answer.body).digest('hex');
    if (seen.has(digest)) return;
    seen.add(digest);
    try {
      assert.equal(answer.status, 200);
      assert.ok(answer.etag.includes(digest), `ETag ${answer.etag} is not of the bytes`);
      const names = [
        ...readCabinet(bufferSource(answer.body), { maxDecodedBytes: 64 << 20 }).extractAll(64 << 20),
      ];
      assert.ok(names.some(({ member }) => member.name === 'V2\\update_manifest.json'));
    } catch (error) {
      faults.push(String(error));
    }
  };
  return {
    seen,
    faults,
    onProgress(text: string) {
      port = Number(/served on port (\d+)/.exec(text)?.[1] ?? port);
    },
    storm: async (_dataDir: string, isOver: () => boolean) => {
      while (!isOver()) {
        if (port !== 0) await look();
        await pause(LOOK_MS);
      }
    },
  };
}

function fetchCatalog(port: number): Promise<{ status: number; etag: string; body: Buffer } | null> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/catalogs/patchpress.cab', rejectUnauthorized: false };
    const call = get(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => resolve(null));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          etag: response.headers.etag ?? '',
          body: Buffer.concat(pieces),
        }),
      );
    });
    // Before the server listens and after the run has ended.
    call.on('error', () => resolve(null));
  });
}

async function until(condition: () => boolean, isOver: () => boolean): Promise<void> {
  while (!condition() && !isOver()) await pause(LOOK_MS);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

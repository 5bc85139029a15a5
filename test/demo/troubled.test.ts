import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type DemoRun, publicationsOf, runDemo, TROUBLED, temporaryFolder } from './run.js';
import { createCatalogReader, fillDisk, type Storm, troubleRedis, until } from './storms.js';

/** How often the demo is killed; PATCHPRESS_KILLS=10 for the long form. */
const KILLS = Number(process.env.PATCHPRESS_KILLS ?? 2);
/** How often each storm blows; PATCHPRESS_STORMS=5 for the long form. */
const STORMS = Number(process.env.PATCHPRESS_STORMS ?? 1);

/** A fixed sequence, so that a failure can be repeated: PATCHPRESS_SEED. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('what goes wrong while the line runs', () => {
  const folders: string[] = [];
  const folderFor = (name: string): string => {
    const folder = temporaryFolder(name);
    folders.push(folder);
    return folder;
  };
  const random = createRandom(Number(process.env.PATCHPRESS_SEED ?? 1));
  let calm: DemoRun;
  let calmMs = 0;

  before(async () => {
    const startedAt = performance.now();
    calm = await runDemo(folderFor('demo-calm'), { words: TROUBLED });
    calmMs = performance.now() - startedAt;
    assert.equal(calm.code, 0, calm.stderr);
    assert.ok(publicationsOf(calm.report).length > 0);
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

  for (let n = 1; n <= KILLS; n += 1) {
    test(`SIGKILL at any moment, ${n}: the next run ends with the same publications, each once`, async (t) => {
      const dataDir = folderFor('demo-killed');
      const killAfterMs = 300 + random() * calmMs;
      const killed = await runDemo(dataDir, { words: TROUBLED, killAfterMs });
      t.diagnostic(`killed after ${Math.round(killAfterMs)} ms: ${killed.signal ?? 'ended by itself'}`);
      const run = await runDemo(dataDir, { words: TROUBLED });
      requireSame(run);
      for (const update of run.report?.updates ?? []) assert.equal(update.revision, 1);
    });
  }

  test('Redis killed and flushed again and again: nothing lost, nothing twice, no half catalog', async () => {
    const reader = createCatalogReader();
    const run = await runThrough(
      folderFor('demo-redis'),
      [(dir, isOver) => troubleRedis(dir, isOver, STORMS), reader.storm],
      reader.onProgress,
    );
    requireSame(run);
    assert.ok(reader.seen.size > 0, 'the reader saw at least one catalog');
    assert.deepEqual(reader.faults, []);
  });

  test('a disk that is full for a while: the run carries on when there is space', async (t) => {
    const dataDir = folderFor('demo-disk');
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

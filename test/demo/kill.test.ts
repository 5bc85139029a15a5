import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { publicationsOf, runDemo, TROUBLED, temporaryFolder } from './run.js';

/** How often the demo is killed; PATCHPRESS_KILLS=10 for the long form. */
const KILLS = Number(process.env.PATCHPRESS_KILLS ?? 2);

/** A fixed sequence, so that a failure can be repeated: PATCHPRESS_SEED. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('SIGKILL at any moment', () => {
  const whole = temporaryFolder('demo-whole');
  const folders = [whole];
  const random = createRandom(Number(process.env.PATCHPRESS_SEED ?? 1));
  let expected: readonly string[] = [];
  let runMs = 0;

  before(async () => {
    const startedAt = performance.now();
    const run = await runDemo(whole, { words: TROUBLED });
    runMs = performance.now() - startedAt;
    assert.equal(run.code, 0, run.stderr);
    expected = publicationsOf(run.report);
    assert.ok(expected.length > 0);
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  for (let n = 1; n <= KILLS; n += 1) {
    test(`kill ${n}: the next run ends with the same publications, each once`, async (t) => {
      const dataDir = temporaryFolder('demo-killed');
      folders.push(dataDir);
      const killAfterMs = 300 + random() * runMs;
      const killed = await runDemo(dataDir, { words: TROUBLED, killAfterMs });
      t.diagnostic(`killed after ${Math.round(killAfterMs)} ms: ${killed.signal ?? `ended by itself`}`);
      const run = await runDemo(dataDir, { words: TROUBLED });
      assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
      assert.deepEqual(publicationsOf(run.report), expected);
      for (const update of run.report?.updates ?? []) assert.equal(update.revision, 1);
    });
  }
});

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { DemoUpdate } from '../../src/app/demo/updates.js';
import { publicationsOf, runDemo, temporaryFolder } from './run.js';

/** 7-Zip, which releases again, and Git, which does not. */
const TWO = ['--products', '2'];

describe('a second release', () => {
  const dataDir = temporaryFolder('demo-second');
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  const shown = ({ product, version, state, isOffered }: DemoUpdate) => [product, version, state, isOffered];

  test('a hop that fails does not keep the demo waiting, and its exit code tells', async () => {
    const run = await runDemo(dataDir, { words: [...TWO, '--hop-fault', 'distribution'] });
    assert.equal(run.code, 1, run.stderr);
    assert.ok(run.report);
    assert.deepEqual([run.report.atRest, run.report.ok, run.report.secondRelease], [true, false, null]);
    assert.ok(run.report.seconds < 60, `${run.report.seconds} s`);
    for (const update of run.report.updates) {
      assert.deepEqual([update.state, update.clients], ['deployable', null], update.product);
    }
    assert.equal(run.report.trouble.length, 2);
    for (const { state, reached, reason, nextStep } of run.report.trouble) {
      assert.deepEqual([state, reached], ['deployable', 'deployable']);
      assert.match(reason ?? '', /content-enabled CMG/);
      assert.match(nextStep ?? '', /Automatic Deployment Rules/);
    }
    assert.match(run.stdout, /next: .*Automatic Deployment Rules/);
  });

  test('mended, the next run carries it on; no vendor releases again unless it may', async () => {
    const run = await runDemo(dataDir, { words: [...TWO, '--no-second-release'] });
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    assert.equal(run.report?.secondRelease, null);
    assert.deepEqual(run.report?.updates.map(shown), [
      ['7zip.7zip', '26.02', 'verified', true],
      ['Git.Git', '2.55.0.5', 'verified', true],
    ]);
  });

  test('what is newer takes the place of the old, which no client is told of any more', async () => {
    const run = await runDemo(dataDir, { words: TWO });
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    assert.ok(run.report);
    assert.deepEqual(run.report.secondRelease, {
      products: ['7zip.7zip'],
      feedsAsked: 2,
      feedsNotModified: 1,
      acquired: 1,
      published: 1,
    });
    assert.equal(run.report.publishedNow, 1);
    const [old, fresh, git] = run.report.updates;
    assert.ok(old && fresh && git);
    assert.deepEqual([old, fresh, git].map(shown), [
      ['7zip.7zip', '26.02', 'superseded', false],
      ['7zip.7zip', '26.03', 'verified', true],
      ['Git.Git', '2.55.0.5', 'verified', true],
    ]);
    assert.deepEqual([fresh.supersedes, old.supersedes], [[old.packageId], []]);
    assert.equal(fresh.clients?.older.after, 'installed');
  });

  test('the vendors keep what they have released: the next run publishes nothing', async () => {
    const before = await runDemo(dataDir, { words: TWO });
    assert.equal(before.code, 0, before.stderr);
    assert.deepEqual([before.report?.publishedNow, before.report?.secondRelease], [0, null]);
    assert.equal(publicationsOf(before.report).length, 3);
    assert.match(before.stdout, /Nothing was published/);
  });
});

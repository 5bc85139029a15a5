import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { contentFile } from '../../src/lab/software-update-point/content/publish.js';
import { openDatabase } from '../../src/lab/software-update-point/database.js';
import { openState } from '../../src/lab/software-update-point/state.js';
import { openLedger } from '../../src/ledger/ledger.js';
import { runDemo, temporaryFolder } from './run.js';

interface Kill {
  readonly side: 'before' | 'after';
  /** Of the POST at which the process ends. */
  readonly path: string;
  /** Broken while the other line stands still, whose calls could be taken for this one's. */
  readonly without?: 'Git.Git';
}

const bothSides = (path: string, without?: 'Git.Git'): readonly Kill[] =>
  (['before', 'after'] as const).map((side) => ({ side, path, ...(without && { without }) }));

/** Signed by its vendor and so through the catalog: Git.Git. Unsigned and so directly: 7zip.7zip. Each in the order of its way. */
const KILLS: readonly Kill[] = [
  ...bothSides('/lab/wsus/publish', 'Git.Git'),
  ...bothSides('/AdminService/wmi/SMS_SoftwareUpdate.SyncNow', 'Git.Git'),
  ...bothSides('/lab/enable-category', 'Git.Git'),
  ...bothSides('/sign'),
  ...bothSides('/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs'),
  ...bothSides('/lab/publish-content'),
];

/** PATCHPRESS_STEP_KILLS=all for each step and side; else after the effect, where it could be had twice. */
const USUALLY = new Set(['/lab/wsus/publish', '/sign', '/lab/publish-content']);
const isAll = process.env.PATCHPRESS_STEP_KILLS === 'all';
const kills = KILLS.filter(({ side, path }) => isAll || (side === 'after' && USUALLY.has(path)));

const TWO = ['--products', '2', '--no-second-release'];
const PRELOAD = new URL('./kill-at.js', import.meta.url).href;

describe('SIGKILL at each step of each target', () => {
  const dataDir = temporaryFolder('demo-step-kill');
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  for (const { side, path, without } of kills) {
    test(`ends ${side} POST ${path}`, async () => {
      const words = without === undefined ? TWO : [...TWO, '--fault', `${without}=feed-html`];
      const env = { PATCHPRESS_KILL_AT: `${side} ${path}`, NODE_OPTIONS: `--import ${PRELOAD}` };
      const { signal, stderr } = await runDemo(dataDir, { words, env });
      assert.equal(signal, 'SIGKILL', stderr.slice(-2000));
    });
  }

  test('the next run comes to the end of an undisturbed one: each published once, its content whole', async () => {
    const { code, report, stderr } = await runDemo(dataDir, { words: TWO });
    assert.equal(code, 0, stderr.slice(-4000));
    const updates = report?.updates ?? [];
    assert.deepEqual(updates.map(({ product, revision, state }) => [product, revision, state]).toSorted(), [
      ['7zip.7zip', 1, 'verified'],
      ['Git.Git', 1, 'verified'],
    ]);
    assert.equal(report?.catalog?.revision, 1);

    const ledger = await openLedger({ file: join(dataDir, 'ledger.db') });
    const revisions = await ledger.catalogRevisions('configmgr-catalog');
    await ledger.close();
    assert.deepEqual(
      revisions.map(({ number, members }) => [number, members.length]),
      [[1, 1]],
    );

    const folder = join(dataDir, 'lab', 'software-update-point');
    const database = openDatabase(folder);
    const { state } = openState(database, report?.catalog?.url ?? '', new Date());
    database.close();
    const idOf = (wanted: string) => updates.find(({ product }) => product === wanted)?.packageId ?? '';
    assert.deepEqual(
      Object.keys(state.updates).toSorted(),
      updates.map(({ packageId }) => packageId).toSorted(),
    );
    // Metadata and content of a catalog are one revision of WSUS each.
    assert.equal(state.updates[idOf('Git.Git')]?.revision, 2);
    assert.equal(state.updates[idOf('7zip.7zip')]?.revision, 1);
    assert.deepEqual(state.faults, {});
    const files = Object.values(state.updates).map(({ content }) => {
      const path = contentFile(join(folder, 'content'), content?.sha1 ?? '');
      assert.equal(createHash('sha256').update(readFileSync(path)).digest('base64'), content?.sha256);
      return path;
    });
    assert.deepEqual(filesIn(join(folder, 'content')), files.toSorted());
  });
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.path, entry.name))
    .toSorted();
}

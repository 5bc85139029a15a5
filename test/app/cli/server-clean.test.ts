import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLedger } from '../../../src/ledger/ledger.js';
import { temporaryFolder } from '../../formats/programs.js';
import { packageIdOf, updateOf } from '../../publishing/samples.js';

const MAIN = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const LONG_AGO = '2026-01-01T00:00:00.000Z';

/** An update server with three updates, kept in a file: 1 is declined, 3 cannot be declined. */
const FAR_SIDE = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2];
const row = (packageId, isDeclined) => ({ packageId, title: 'x', revision: 1, creationDate: '${LONG_AGO}', isLocallyPublished: true, isExpired: false, isDeclined, hasContent: true });
const ids = ${JSON.stringify([1, 2, 3].map(packageIdOf))};
let updates = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : ids.map((id, at) => row(id, at === 0));
let text = '';
for await (const piece of process.stdin) text += piece;
const { protocol, jobId, verb, packageId, packageIds } = JSON.parse(text);
const say = (answer) => process.stdout.write(JSON.stringify({ protocol, jobId, ...answer }));
if (verb === 'list-local') say({ ok: true, result: { updates } });
else if (verb === 'list') say({ ok: true, result: { updates: updates.filter((one) => packageIds.includes(one.packageId)) } });
else if (packageId === ids[2]) say({ ok: false, error: { step: verb, message: 'execution timeout' } });
else {
  const one = updates.find((update) => update.packageId === packageId);
  if (verb === 'decline') one.isDeclined = true;
  else updates = updates.filter((update) => update !== one);
  writeFileSync(file, JSON.stringify(updates));
  if (verb === 'decline' && existsSync(file + '.kill')) process.kill(process.ppid, 'SIGKILL');
  say({ ok: true, result: verb === 'decline' ? { update: one } : { packageId } });
}`;

test('server clean previews, is killed, settles, declines and deletes past a refusal, and is kept in the audit', async (t) => {
  const folder = temporaryFolder(t);
  const farSide = join(folder, 'far-side.mjs');
  writeFileSync(farSide, FAR_SIDE);
  const command = JSON.stringify([process.execPath, farSide, join(folder, 'server.json')]);
  const config = join(folder, 'patchpress.yaml');
  writeFileSync(config, `dataDir: ${JSON.stringify(folder)}\nsoftwareUpdatePoint:\n  command: ${command}\n`);
  const file = join(folder, 'ledger.db');
  const seeded = await openLedger({ file });
  await seeded.transaction(async (tx) => {
    for (const n of [1, 2, 3]) {
      await tx.putUpdate(updateOf(n, { route: 'direct' }));
      await tx.putPublication({
        packageId: packageIdOf(n),
        revision: 1,
        target: 'software-update-point',
        state: 'superseded',
        catalogRevision: null,
        reason: null,
        proof: null,
        clients: null,
        startedAt: LONG_AGO,
        changedAt: LONG_AGO,
      });
    }
  });
  await seeded.close();
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [MAIN, 'server', 'clean', '--keep', '0', '--json', ...words], {
      env: { ...process.env, PATCHPRESS_CONFIG: config },
      encoding: 'utf8',
      timeout: 60_000,
    });
  const clean = (...words: readonly string[]) => {
    const ran = run(...words);
    const { steps } = JSON.parse(ran.stdout) as {
      steps: { act: string; packageId: string; isDone: boolean; fault: string | null }[];
    };
    const told = steps.map(({ act, packageId, isDone }) => `${act} ${packageId} ${isDone}`);
    return { status: ran.status, told: told.sort(), faults: steps.flatMap(({ fault }) => fault ?? []) };
  };

  const all = (isDone: boolean) => [
    `decline ${packageIdOf(2)} ${isDone}`,
    `decline ${packageIdOf(3)} false`,
    `delete ${packageIdOf(1)} ${isDone}`,
  ];
  assert.deepEqual(clean('--preview'), { status: 0, told: all(false), faults: [] });
  // The far side kills the command once the server has declined the update, before that can be recorded.
  writeFileSync(join(folder, 'server.json.kill'), '');
  assert.equal(run('--reason', 'room').signal, 'SIGKILL');
  rmSync(join(folder, 'server.json.kill'));
  const ledger = await openLedger({ file });
  t.after(() => ledger.close());
  const audit = async () =>
    (await ledger.audit([1, 2, 3].map(packageIdOf))).map(({ action, subject }) => `${action} ${subject}`);
  const killed = [
    `begin to delete ${packageIdOf(1)}`,
    `delete ${packageIdOf(1)}`,
    `begin to decline ${packageIdOf(2)}`,
  ];
  assert.deepEqual(await audit(), killed);

  const done = clean('--reason', 'room');
  assert.deepEqual([done.status, done.told], [1, [`decline ${packageIdOf(3)} false`]]);
  assert.match(done.faults.join(), /database is too slow/);
  assert.deepEqual(await audit(), [
    ...killed,
    `decline ${packageIdOf(2)}`,
    `begin to decline ${packageIdOf(3)}`,
    `fail to decline ${packageIdOf(3)}`,
  ]);
  const states = await Promise.all(
    [1, 2].map((n) => ledger.publication('software-update-point', packageIdOf(n))),
  );
  assert.deepEqual(
    states.map((one) => one?.state),
    ['expired', 'superseded'],
  );
});

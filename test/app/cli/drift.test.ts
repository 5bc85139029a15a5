import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLedger } from '../../../src/ledger/ledger.js';
import { temporaryFolder } from '../../formats/programs.js';
import { formalAttestor, packageIdOf, revisionOf, updateOf } from '../../publishing/samples.js';

const MAIN = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));

test('drift is no agreement where nobody could be asked', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'patchpress.yaml');
  writeFileSync(config, `dataDir: ${JSON.stringify(folder)}\n`);
  const drift = () =>
    spawnSync(process.execPath, [MAIN, 'drift'], {
      env: { ...process.env, PATCHPRESS_CONFIG: config },
      encoding: 'utf8',
      timeout: 60_000,
    });
  const empty = drift();
  assert.deepEqual([empty.status, empty.stdout], [0, 'Nothing was published yet.\n']);

  const seeded = await openLedger({ file: join(folder, 'ledger.db') });
  await seeded.transaction(async (tx) => {
    const update = updateOf(1, { route: 'direct' });
    await tx.putUpdate(update);
    await tx.putRevision(revisionOf(update, 1, '0'.repeat(64), formalAttestor));
    await tx.putPublication({
      packageId: packageIdOf(1),
      revision: 1,
      target: 'software-update-point',
      state: 'published',
      catalogRevision: null,
      reason: null,
      proof: null,
      clients: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      changedAt: '2026-01-01T00:00:00.000Z',
    });
  });
  await seeded.close();
  const refused = drift();
  assert.equal(refused.status, 2);
  assert.match(
    refused.stderr,
    /1 updates are published, and there is nobody to ask.*softwareUpdatePoint\.command/s,
  );
});

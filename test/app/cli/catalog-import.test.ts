import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../formats/programs.js';
import {
  PACKAGES,
  soundMembers,
  writeCatalogFile,
} from '../../publishing/configmgr-catalog/seeded-faults.js';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));

function place(t: TestContext) {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  writeFileSync(at('patchpress.yaml'), `dataDir: ${at('data')}\n`);
  writeCatalogFile(soundMembers(), at('other.cab'));
  const catalog = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'catalog', ...words, '--json'], {
      encoding: 'utf8',
      env: { ...process.env, PATCHPRESS_CONFIG: at('patchpress.yaml') },
    });
    return { status, stderr, json: stdout === '' ? null : JSON.parse(stdout) };
  };
  return { at, catalog };
}

test('a catalog of another vendor is taken in, edited, and written again', (t) => {
  const { at, catalog } = place(t);
  const counts = ({ json }: ReturnType<typeof catalog>) => [
    json.added.length,
    json.unchanged,
    json.setAside.length,
  ];
  const dry = catalog('import', at('other.cab'), '--dry-run');
  assert.deepEqual([dry.status, counts(dry)], [0, [PACKAGES, 0, 0]]);
  assert.deepEqual(counts(catalog('import', at('other.cab'))), [PACKAGES, 0, 0]);

  const [{ packageId }] = catalog('imported').json.packages;
  const edited = catalog('edit', packageId, '--set', 'title=Ours', 'severity=Low');
  assert.deepEqual([edited.status, edited.json.edits], [0, { title: 'Ours', severity: 'Low' }]);
  for (const words of [
    ['--set', 'classification=Hotfixes'],
    ['--set', 'colour=red'],
    ['--set', 'title'],
    [],
  ]) {
    assert.equal(catalog('edit', packageId, ...words).status, 2, words.join(' '));
  }
  assert.equal(catalog('edit', '00000000-0000-4000-8000-00000000dead', '--set', 'title=x').status, 2);
  assert.deepEqual(catalog('edit', packageId, '--clear', 'severity').json.edits, { title: 'Ours' });
  assert.deepEqual(counts(catalog('import', at('other.cab'))), [0, PACKAGES, 0]);

  const built = catalog('build', '--imported', 'other', '--name', 'again', '--out', at('.'));
  assert.deepEqual([built.status, built.json.updates, built.json.certificates], [0, PACKAGES, 1]);
  const difference = catalog('diff', at('other.cab'), at('again.cab')).json;
  assert.deepEqual(
    difference.revised.map((one: { packageId: string; title: string }) => [one.packageId, one.title]),
    [[packageId, 'Ours']],
  );
  assert.deepEqual([difference.added, difference.removed], [[], []]);
});

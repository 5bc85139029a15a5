import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { inspectInstaller } from '../../../src/installers/index.js';
import { type Fixture, newestOf } from '../../../src/lab/vendor-site/fixtures.js';
import { mustRun, runProgram, temporaryFolder } from '../../formats/programs.js';
import { FIXTURES_FOLDER, fixtures } from '../fixtures.js';

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const pathOf = (fixture: Fixture) => join(FIXTURES_FOLDER, fixture.path);
const newest = [...new Set(fixtures.shipped.map(({ productId }) => productId))].flatMap((id) =>
  newestOf(fixtures, id),
);
const altered = newest.flatMap((fixture) =>
  (['unsigned', 'changed-signer'] as const).map((alteration) => fixtures.altered(fixture, alteration)),
);
const all = [...fixtures.shipped, ...altered];

function registryText(fixture: Fixture, key: string, name: string): string | number | undefined {
  return fixture.installs.registry[key]?.[name]?.value;
}

test('every file is the one of the manifest, small, and there in two versions', () => {
  let totalBytes = 0;
  for (const fixture of all) {
    const bytes = fixtures.read(fixture);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), fixture.sha256, fixture.path);
    assert.equal(bytes.length, fixture.sizeBytes);
    assert.ok(bytes.length < 150_000, fixture.path);
    totalBytes += bytes.length;
  }
  assert.ok(totalBytes < 3_000_000);
  const variants = new Map<string, string[]>();
  for (const { productId, variant, version } of fixtures.shipped) {
    const key = `${productId} ${variant}`;
    variants.set(key, [...(variants.get(key) ?? []), version]);
  }
  assert.deepEqual(Object.fromEntries(variants), {
    'OpenJS.NodeJS x64/msi/any/machine': ['26.6.0', '26.7.0'],
    'Notepad++.Notepad++ x64/nullsoft/any/machine': ['8.9.6.4', '8.9.7'],
    'Notepad++.Notepad++ x86/nullsoft/any/machine': ['8.9.6.4', '8.9.7'],
    'PuTTY.PuTTY x64/msi/any/machine': ['0.84', '0.85'],
    'PuTTY.PuTTY x86/msi/any/machine': ['0.84', '0.85'],
    'KeePassXCTeam.KeePassXC x64/msi/any/machine': ['2.7.11', '2.7.12'],
  });
});

test('the manifest says of each MSI what its tables say', () => {
  for (const fixture of all.filter(({ technology }) => technology === 'msi')) {
    const found = inspectInstaller(bufferSource(fixtures.read(fixture)));
    const { msi, registryView } = fixture.installs;
    assert.equal(found.technology, 'msi');
    assert.equal(found.scope, 'machine');
    assert.equal(found.architecture, fixture.architecture);
    assert.deepEqual(
      [found.productCode, found.upgradeCode, found.version],
      [msi?.productCode, msi?.upgradeCode, msi?.version],
    );
    const key = `${UNINSTALL}\\${msi?.productCode}`;
    assert.deepEqual(found.arp, [
      {
        view: registryView,
        key: msi?.productCode,
        displayName: registryText(fixture, key, 'DisplayName'),
        displayVersion: registryText(fixture, key, 'DisplayVersion'),
        publisher: registryText(fixture, key, 'Publisher'),
        windowsInstaller: true,
        source: 'msi-tables',
      },
    ]);
    assert.equal(registryView, fixture.architecture === 'x64' ? '64' : '32');
  }
});

test('the manifest names the registry values and files that msiinfo shows', (t) => {
  for (const fixture of fixtures.shipped.filter(({ technology }) => technology === 'msi')) {
    const rows = (table: string) => {
      const run = mustRun(t, 'msiinfo', ['export', pathOf(fixture), table], FIXTURES_FOLDER);
      return run?.stdout.toString('utf8').split('\r\n').slice(3, -1);
    };
    const registry = rows('Registry');
    const files = rows('File');
    if (registry === undefined || files === undefined) return;
    const written = registry
      .map((row) => row.split('\t'))
      .map(([, , key = '', name, value]) => ({ key, name, value }));
    for (const { key, name = '', value } of written) {
      assert.equal(registryText(fixture, `HKLM\\${key.replace(/\\$/, '')}`, name), value);
    }
    const own = Object.entries(fixture.installs.registry).filter(([key]) => !key.startsWith(UNINSTALL));
    assert.equal(own.flatMap(([, values]) => Object.keys(values)).length, written.length);
    const [, , name, size] = files[0]?.split('\t') ?? [];
    const [file] = fixture.installs.files;
    assert.equal(files.length, fixture.installs.files.length);
    assert.equal(file?.path.split('\\').at(-1), name?.split('|').at(-1));
    assert.equal(file?.size, Number(size));
  }
});

test('each NSIS installer carries the version and the file that the manifest says', (t) => {
  const folder = temporaryFolder(t);
  for (const fixture of all.filter(({ technology }) => technology === 'nullsoft')) {
    const found = inspectInstaller(bufferSource(fixtures.read(fixture)));
    assert.equal(found.technology, 'nullsoft');
    assert.equal(found.publisher, 'Notepad++ Team');
    assert.equal(found.version?.replace(/(\.0)+$/, ''), fixture.version);
    const run = mustRun(t, '7z', ['x', '-y', `-o${folder}`, pathOf(fixture)], folder);
    if (run === null) return;
    const [file] = fixture.installs.files;
    const program = readFileSync(join(folder, file?.path.split('\\').at(-1) ?? ''));
    assert.equal(program.length, file?.size);
    const inside = inspectInstaller(bufferSource(program));
    assert.deepEqual([inside.version, inside.architecture], [file?.version, fixture.architecture]);
  }
});

test('osslsigncode accepts what the vendors ship, and says who signed it and when', (t) => {
  const args = (fixture: Fixture) => [
    'verify',
    ...['-CAfile', join(FIXTURES_FOLDER, 'keys/vendor-ca.crt.pem')],
    ...['-TSA-CAfile', join(FIXTURES_FOLDER, 'keys/timestamp-ca.crt.pem')],
    ...['-in', pathOf(fixture)],
  ];
  for (const fixture of all) {
    const run = runProgram('osslsigncode', args(fixture), FIXTURES_FOLDER);
    if (run === null) return t.skip('osslsigncode is not installed');
    if (fixture.signer === null) {
      assert.notEqual(run.status, 0, fixture.path);
      continue;
    }
    assert.equal(run.status, 0, run.output);
    const commonName = /CN=([^,]+)/.exec(fixture.signer)?.[1] ?? '';
    assert.ok(run.output.includes(`Subject: /O=Patchpress Lab/CN=${commonName}\n`), run.output);
    assert.match(run.output, /Timestamp Server Signature verification: ok/);
  }
});

test('a file that was never built is not found', () => {
  const [fixture] = fixtures.shipped;
  assert.ok(fixture !== undefined);
  assert.throws(
    () => fixtures.altered(fixture, 'unsigned'),
    (error) => error instanceof PermanentError && error.code === 'not-found',
  );
  assert.equal(fixtures.bySha256('0'.repeat(64)), null);
});

test('every private key has its certificate beside it', () => {
  for (const name of ['vendor-ca', 'timestamp-ca', 'timestamp', 'another-vendor', 'openjs-nodejs']) {
    for (const kind of ['crt', 'key'])
      assert.ok(existsSync(join(FIXTURES_FOLDER, `keys/${name}.${kind}.pem`)));
  }
});

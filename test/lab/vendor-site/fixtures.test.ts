import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { inspectInstaller } from '../../../src/installers/index.js';
import { atVendor, type Fixture, newestOf } from '../../../src/lab/vendor-site/fixtures.js';
import { mustRun, runProgram, temporaryFolder } from '../../formats/programs.js';
import { FIXTURES_FOLDER, fixtures } from '../fixtures.js';

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const pathOf = (fixture: Fixture) => join(FIXTURES_FOLDER, fixture.path);
const altered = fixtures.shipped
  .filter(({ stage, signer }) => stage !== 'older' && signer !== null)
  .flatMap((fixture) =>
    (['unsigned', 'changed-signer'] as const).map((alteration) => fixtures.altered(fixture, alteration)),
  );
const all = [...fixtures.shipped, ...altered];

function registryText(fixture: Fixture, key: string, name: string): string | number | undefined {
  return fixture.installs.registry[key]?.[name]?.value;
}

/** The Setup program of Inno Setup is in each of its installers, compressed. */
const MAX_BYTES = { msi: 20_000, nullsoft: 150_000, inno: 550_000, exe: 0 } as const;

test('every file is the one of the manifest, small, and there in two or three versions', () => {
  let totalBytes = 0;
  for (const fixture of all) {
    const bytes = fixtures.read(fixture);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), fixture.sha256, fixture.path);
    assert.equal(bytes.length, fixture.sizeBytes);
    assert.ok(bytes.length < MAX_BYTES[fixture.technology], fixture.path);
    totalBytes += bytes.length;
  }
  assert.ok(totalBytes < 9_000_000);
  const variants = new Map<string, string[]>();
  for (const { productId, variant, version } of fixtures.shipped) {
    const key = `${productId} ${variant}`;
    variants.set(key, [...(variants.get(key) ?? []), version]);
  }
  assert.deepEqual(Object.fromEntries(variants), {
    'OpenJS.NodeJS x64/msi/any/machine': ['26.6.0', '26.7.0', '26.8.0'],
    'Notepad++.Notepad++ x64/nullsoft/any/machine': ['8.9.6.4', '8.9.7'],
    'PuTTY.PuTTY x86/msi/any/machine': ['0.84', '0.85'],
    'KeePassXCTeam.KeePassXC x64/msi/any/machine': ['2.7.11', '2.7.12'],
    '7zip.7zip x64/msi/any/machine': ['26.01', '26.02', '26.03'],
    'WinMerge.WinMerge x64/inno/any/machine': ['2.16.56', '2.16.58'],
    'Git.Git x64/inno/any/machine': ['2.55.0.4', '2.55.0.5'],
    'WinSCP.WinSCP x86/inno/any/machine': ['6.5.5', '6.5.6', '6.5.7'],
    'Microsoft.PowerShell arm64/msi/any/machine': ['7.6.4', '7.6.5'],
    'WiresharkFoundation.Wireshark x64/nullsoft/any/machine': ['4.6.7', '4.6.8'],
    'VideoLAN.VLC x64/nullsoft/any/machine': ['3.0.21', '3.0.23'],
    'TrackerSoftware.PDF-XChangeEditor x64/msi/any/machine': ['10.6.0.396', '11.0.1.0'],
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
    assert.equal(registryView, fixture.architecture === 'x86' ? '32' : '64');
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

const NSIS_PUBLISHERS = ['Notepad++ Team', 'Wireshark development team', 'VideoLAN'];

test('each NSIS installer carries the version and the file that the manifest says', (t) => {
  const folder = temporaryFolder(t);
  for (const fixture of all.filter(({ technology }) => technology === 'nullsoft')) {
    const found = inspectInstaller(bufferSource(fixtures.read(fixture)));
    assert.equal(found.technology, 'nullsoft');
    assert.ok(NSIS_PUBLISHERS.includes(found.publisher ?? ''), `${found.publisher}`);
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

test('the manifest says of each Inno Setup installer what its header and innoextract say', (t) => {
  const folder = temporaryFolder(t);
  for (const fixture of all.filter(({ technology }) => technology === 'inno')) {
    const found = inspectInstaller(bufferSource(fixtures.read(fixture)));
    assert.deepEqual(
      [found.technology, found.scope, found.architecture],
      ['inno', 'machine', fixture.architecture],
    );
    const [row] = found.arp;
    const key = `${UNINSTALL}\\${row?.key}`;
    assert.ok(fixture.installs.registry[key] !== undefined, key);
    assert.deepEqual(found.arp, [
      {
        view: fixture.installs.registryView,
        key: row?.key,
        displayName: registryText(fixture, key, 'DisplayName'),
        displayVersion: registryText(fixture, key, 'DisplayVersion'),
        publisher: registryText(fixture, key, 'Publisher'),
        windowsInstaller: false,
        source: 'inno-header',
      },
    ]);
    const run = mustRun(t, 'innoextract', ['--extract', '--output-dir', folder, pathOf(fixture)], folder);
    if (run === null) return;
    const title = fixture.productId === 'Git.Git' ? `Git version ${fixture.version}` : row?.displayName;
    assert.ok(run.output.includes(`"${title}" - setup data version 5.6.0 (unicode)`), run.output);
    const [file] = fixture.installs.files;
    const program = readFileSync(join(folder, 'app', file?.path.split('\\').at(-1) ?? ''));
    assert.equal(program.length, file?.size);
    const inside = inspectInstaller(bufferSource(program));
    assert.deepEqual([inside.version, inside.architecture], [file?.version, fixture.architecture]);
  }
});

test('an MSI for ARM64 says so in its summary, and so does the program inside', (t) => {
  for (const fixture of all.filter(({ architecture }) => architecture === 'arm64')) {
    const summary = mustRun(t, 'msiinfo', ['suminfo', pathOf(fixture)], FIXTURES_FOLDER);
    if (summary === null) return;
    assert.match(summary.output, /^Template: Arm64;1033$/m);
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
  const notFound = (error: unknown) => error instanceof PermanentError && error.code === 'not-found';
  for (const fixture of fixtures.shipped.filter(
    ({ stage, signer }) => stage === 'older' || signer === null,
  )) {
    assert.throws(() => fixtures.altered(fixture, 'unsigned'), notFound, fixture.path);
  }
  assert.equal(fixtures.bySha256('0'.repeat(64)), null);
});

test('what lies at a vendor is what it has released', () => {
  const versions = (list: readonly Fixture[]) => list.map(({ version }) => version);
  assert.deepEqual(versions(atVendor(fixtures, '7zip.7zip', false)), ['26.01', '26.02']);
  assert.deepEqual(versions(atVendor(fixtures, '7zip.7zip', true)), ['26.01', '26.02', '26.03']);
  assert.deepEqual(versions(newestOf(fixtures, '7zip.7zip')), ['26.02']);
  assert.deepEqual(versions(newestOf(fixtures, '7zip.7zip', true)), ['26.03']);
  assert.deepEqual(
    fixtures.shipped.filter(({ stage }) => stage === 'next').map(({ productId }) => productId),
    ['OpenJS.NodeJS', '7zip.7zip', 'WinSCP.WinSCP'],
  );
  const unsigned = fixtures.shipped.filter(({ signer }) => signer === null).map(({ productId }) => productId);
  assert.deepEqual([...new Set(unsigned)], ['7zip.7zip', 'WinMerge.WinMerge']);
});

test('every private key has its certificate beside it', () => {
  for (const name of ['vendor-ca', 'timestamp-ca', 'timestamp', 'another-vendor', 'openjs-nodejs']) {
    for (const kind of ['crt', 'key'])
      assert.ok(existsSync(join(FIXTURES_FOLDER, `keys/${name}.${kind}.pem`)));
  }
});

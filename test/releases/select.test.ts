import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../../src/core/address-template.js';
import { PermanentError } from '../../src/core/errors.js';
import type { InstallerDefinition } from '../../src/core/product.js';
import type { Release, ReleaseAsset } from '../../src/core/release.js';
import { selectAsset } from '../../src/releases/select.js';
import { nullsoftDefinition } from '../installers/definitions.js';

const NONE = { sha1: null, sha256: null, sha512: null };
const asset = (name: string, changes: Partial<ReleaseAsset> = {}): ReleaseAsset => ({
  name,
  url: `https://github.com/o/n/releases/download/v8.9.7/${name}`,
  sizeBytes: 10,
  digests: NONE,
  ...changes,
});
const releaseOf = (assets: readonly ReleaseAsset[], version = '8.9.7'): Release => ({
  version,
  prerelease: false,
  publishedAt: null,
  assets,
  notesUrl: null,
  withdrawn: false,
});
const NPP = releaseOf(
  [
    'npp.8.9.7.Installer.exe',
    'npp.8.9.7.Installer.x64.exe',
    'npp.8.9.7.Installer.arm64.exe',
    'npp.8.9.7.Installer.x64.exe.sig',
  ].map((name) => asset(name)),
);
const byTemplate = (urlTemplate: string): InstallerDefinition => {
  const { assetPattern: _, ...rest } = nullsoftDefinition();
  return { ...rest, urlTemplate };
};

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PermanentError) return `${error.code}: ${error.message}; ${error.found}`;
    throw error;
  }
  return 'none';
}

test('the one file whose name fits', () => {
  const x64 = nullsoftDefinition({ assetPattern: '^npp\\..+\\.Installer\\.x64\\.exe$' });
  const x86 = nullsoftDefinition({ assetPattern: '^npp\\..+\\.Installer\\.exe$' });
  assert.equal(selectAsset(NPP, x64).name, 'npp.8.9.7.Installer.x64.exe');
  assert.equal(selectAsset(NPP, x86).name, 'npp.8.9.7.Installer.exe');
});

test('none or several are a fault that names the files', () => {
  assert.match(
    codeOf(() => selectAsset(NPP, nullsoftDefinition({ assetPattern: '\\.msi$' }))),
    /^feed\.no-release: no file .*4 files: npp/,
  );
  assert.match(
    codeOf(() => selectAsset(NPP, nullsoftDefinition({ assetPattern: '\\.exe$' }))),
    /^feed\.no-release: several .*3 files: npp/,
  );
  assert.match(
    codeOf(() => selectAsset(releaseOf([]), nullsoftDefinition())),
    /^feed\.no-release: no file .*0 files$/,
  );
});

test('an address template, where the feed names no files', () => {
  const found = selectAsset(
    releaseOf([], '0.83.0.0'),
    byTemplate('https://host.test/{version2}/w64/putty-64bit-{version2}-installer.msi'),
  );
  assert.deepEqual(found, {
    name: 'putty-64bit-0.83-installer.msi',
    url: 'https://host.test/0.83/w64/putty-64bit-0.83-installer.msi',
    sizeBytes: null,
    digests: NONE,
  });
});

test('a file that the feed names at the address of the template brings its digests', () => {
  const digests = { ...NONE, sha256: 'ab'.repeat(32) };
  const release = releaseOf([asset('a.exe', { url: 'https://host.test/8.9.7/a%20b.exe', digests })]);
  assert.equal(
    selectAsset(release, byTemplate('https://host.test/{version}/a b.exe')).digests.sha256,
    digests.sha256,
  );
});

test('with both, a pattern decides where the feed names files', () => {
  const both = {
    ...nullsoftDefinition({ assetPattern: 'x64\\.exe$' }),
    urlTemplate: 'https://host.test/{version}.exe',
  };
  assert.equal(selectAsset(NPP, both).name, 'npp.8.9.7.Installer.x64.exe');
  assert.equal(selectAsset(releaseOf([]), both).url, 'https://host.test/8.9.7.exe');
});

test('only https, without a login', () => {
  for (const url of [
    'http://host.test/setup.exe',
    'file:///etc/passwd',
    'https://me:secret@host.test/setup.exe',
    'setup.exe',
    'javascript:alert(1)',
  ])
    assert.match(
      codeOf(() => selectAsset(releaseOf([asset('setup.exe', { url })]), nullsoftDefinition())),
      /^download\.refused/,
      url,
    );
});

test('a version cannot leave its place in the address', () => {
  for (const version of [
    '1/../../evil',
    '1?x=2',
    '1#x',
    '1@evil.test',
    '1\\evil',
    '1 2',
    '%2e%2e',
    '1\r\nhost: x',
  ]) {
    const url = new URL(
      selectAsset(releaseOf([], version), byTemplate('https://host.test/a/{version}/b.exe')).url,
    );
    assert.equal(url.host, 'host.test', version);
    assert.equal(url.pathname.split('/').length, 4, version);
    assert.equal(url.search + url.hash, '', version);
  }
});

test('placeholders', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{version}', '1.2.3.4', '1.2.3.4'],
    ['{version3}-{version2}', '1.2.3.4', '1.2.3-1.2'],
    ['{versionUnderscore}_{versionDash}_{versionNoDots}', '24.09', '24_09_24-09_2409'],
    ['{version2NoDots}{version3Dash}', '24.9.1.7', '24924-9-1'],
    ['{versionCore}', '2.9.9+2025', '2.9.9'],
    ['{versionCore}', '2.9.9-rc.1', '2.9.9'],
    ['{versionNoV}', 'v665', '665'],
    ['{versionTrim}', '1.20.0.0', '1.20'],
    ['{major}/{patch}/{build}', '21.0.7.5', '21/7/5'],
    ['{version}', '16.0.2+7', '16.0.2+7'],
  ];
  for (const [template, version, expected] of cases) assert.equal(addressOf(template, version), expected);
  for (const version of ['..', '.', ''])
    assert.match(
      codeOf(() => addressOf('{version}', version)),
      /^definition\.invalid/,
    );
  for (const template of ['{minor}', '{}', '{build}', '{versionnodots}'])
    assert.match(
      codeOf(() => addressOf(template, '1.2')),
      /^definition\.invalid/,
      template,
    );
});

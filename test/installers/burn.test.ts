import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { bufferSource } from '../../src/core/bytes.js';
import { inspectInstaller, installerTechnologies } from '../../src/installers/index.js';
import { type BundleParts, writeBundle } from '../formats/burn/bundle.js';
import { temporaryFolder } from '../formats/programs.js';
import { nullsoftDefinition } from './definitions.js';

const ID = '{b49c10dd-4d54-45f8-ad13-fa25704456a4}';
const manifestOf = (registration: string, arp: string) =>
  `<?xml version="1.0" encoding="utf-8"?><BurnManifest xmlns="http://schemas.microsoft.com/wix/2008/Burn">
<RelatedBundle Id="{65E5BD06-6392-3027-8C26-853107D3CF1A}" Action="Upgrade" />
<Registration ${registration}>${arp}</Registration><Chain><MsiPackage Id="a" PerMachine="yes" /></Chain></BurnManifest>`;
const MANIFEST = manifestOf(
  `Id="${ID}" ExecutableName="setup.exe" PerMachine="yes" Version="14.42.34438.0"`,
  '<Arp Register="yes" DisplayName="Sample Runtime - 14.42.34438" DisplayVersion="14.42.34438.0" Publisher="Sample Ltd" />',
);

const inspect = (t: TestContext, parts: BundleParts) =>
  inspectInstaller(bufferSource(writeBundle(temporaryFolder(t), parts)), 'setup.exe');

describe('a Burn bundle', () => {
  test('is known by its manifest: the row, its version, and for whom it installs', (t) => {
    const found = inspect(t, { manifest: MANIFEST });
    assert.deepEqual(
      [found.technology, found.scope, found.version, found.architecture],
      ['burn', 'machine', '14.42.34438.0', null],
    );
    assert.deepEqual(found.arp, [
      {
        view: '32',
        key: ID,
        displayName: 'Sample Runtime - 14.42.34438',
        displayVersion: '14.42.34438.0',
        publisher: 'Sample Ltd',
        windowsInstaller: false,
        source: 'burn-manifest',
      },
    ]);
  });

  for (const machine of [0x8664, 0xaa64])
    test(`of version 3, for machine 0x${machine.toString(16)}, with a code in the place of the id and no DisplayVersion`, (t) => {
      const manifest = manifestOf(
        `Code="${ID}" PerMachine="no" Version="5.0.1"`,
        '<Arp DisplayName="Sample" />',
      );
      const change = (section: Buffer) => section.writeUInt32LE(3, 4);
      const found = inspect(t, { manifest, machine, change });
      assert.deepEqual(
        [found.scope, found.arp[0]?.view, found.arp[0]?.displayVersion],
        ['user', '64', '5.0.1'],
      );
    });

  test('that leaves its row to a package proves none; a stated one then counts', (t) => {
    const found = inspect(t, { manifest: MANIFEST.replace('Register="yes"', 'Register="no"') });
    assert.deepEqual(found.arp, []);
    const burn = installerTechnologies.get('burn');
    const [row] = burn?.evidence(found, nullsoftDefinition({ technology: 'burn' }), '9') ?? [];
    assert.equal(row?.source, 'stated by the definition');
  });

  const faults: readonly (readonly [string, (section: Buffer) => void, RegExp])[] = [
    ['another mark', (section) => section.writeUInt32LE(1, 0), /0x00f14300/],
    ['another version', (section) => section.writeUInt32LE(9, 4), /version 2 or 3/],
    ['no container', (section) => section.writeUInt32LE(0, 44), /0 containers/],
    ['a container behind the end', (section) => section.writeUInt32LE(0x7fffffff, 48), /container within/],
    ['a container that is no cabinet', (section) => section.writeUInt32LE(0, 24), /sound cabinet/],
  ];
  for (const [name, change, message] of faults) {
    test(`with ${name} is refused`, (t) => {
      assert.throws(
        () => inspect(t, { manifest: MANIFEST, change }),
        (error: Error & { code?: string; expected?: string; found?: string }) =>
          error.code === 'installer.malformed' && message.test(`${error.expected} ${error.found}`),
      );
    });
  }

  test('with a manifest that is no XML is refused', (t) => {
    assert.throws(() => inspect(t, { manifest: 'nothing' }), { name: 'PermanentError' });
  });
});

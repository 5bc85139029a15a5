import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { bufferSource } from '../../src/core/bytes.js';
import { inspectInstaller, installerTechnologies } from '../../src/installers/index.js';
import { buildMsi, buildNsis, temporaryFolder } from '../formats/programs.js';
import { inspectionOf, nullsoftDefinition } from './definitions.js';

const inspect = (bytes: Buffer, name?: string) => inspectInstaller(bufferSource(bytes), name);

describe('an MSI', () => {
  for (const [architecture, view] of [
    ['x86', '32'],
    ['x64', '64'],
  ] as const) {
    test(`proves its ARP rows by its tables (${architecture})`, (t) => {
      const path = buildMsi(t, temporaryFolder(t), { architecture });
      if (path === null) return;
      const inspection = inspect(readFileSync(path));
      const common = { view, publisher: null, windowsInstaller: false };
      assert.deepEqual(inspection, {
        technology: 'msi',
        architecture,
        scope: 'machine',
        productName: 'Sample Tool',
        publisher: 'Sample Vendor',
        version: '4.5.6',
        language: 1033,
        productCode: '{11111111-2222-3333-4444-555555555555}',
        upgradeCode: '{AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE}',
        arp: [
          {
            ...common,
            key: '{11111111-2222-3333-4444-555555555555}',
            displayName: 'Sample Tool',
            displayVersion: '4.5.6',
            publisher: 'Sample Vendor',
            windowsInstaller: true,
            source: 'msi-tables',
          },
          {
            ...common,
            key: 'Sample Tool',
            displayName: 'Sample Tool (suite)',
            displayVersion: '4.5.6.0',
            source: 'msi-tables (Registry)',
          },
        ],
      });
    });
  }

  test('with ARPSYSTEMCOMPONENT shows only the row that it writes itself', (t) => {
    const extra = '<Property Id="ARPSYSTEMCOMPONENT" Value="1" />';
    const path = buildMsi(t, temporaryFolder(t), { architecture: 'x64', extra });
    if (path === null) return;
    assert.deepEqual(
      inspect(readFileSync(path)).arp.map((row) => row.key),
      ['Sample Tool'],
    );
  });

  test('is told by its bytes, not by its name', (t) => {
    const path = buildMsi(t, temporaryFolder(t), { architecture: 'x86' });
    if (path === null) return;
    const bytes = readFileSync(path);
    assert.equal(inspect(bytes, 'setup.exe').technology, 'msi');
    const patch = Buffer.from(bytes);
    patch.writeUInt8(0x86, patch.indexOf(Buffer.from('84100c0000000000c000000000000046', 'hex')));
    assert.equal(inspect(patch, 'setup.msi').technology, 'unknown');
  });
});

describe('an executable', () => {
  test('of NSIS tells its version, and neither architecture nor ARP row', (t) => {
    const path = buildNsis(t, temporaryFolder(t));
    if (path === null) return;
    assert.deepEqual(
      inspect(readFileSync(path)),
      inspectionOf({
        productName: 'Sample Setup',
        publisher: 'Sample Vendor GmbH',
        version: '24.9.0.7',
        language: 1033,
      }),
    );
  });

  test('without the NSIS mark is unknown, with the architecture of its code', (t) => {
    const path = buildNsis(t, temporaryFolder(t));
    if (path === null) return;
    const bytes = readFileSync(path);
    bytes.write('nullsoftinst', bytes.indexOf('NullsoftInst'), 'latin1');
    const { technology, architecture } = inspect(bytes);
    assert.deepEqual({ technology, architecture }, { technology: 'unknown', architecture: 'x86' });
  });
});

describe('what is no installer', () => {
  for (const [found, bytes] of [
    ['a web page', '\ufeff\n<!DOCTYPE html><title>404'],
    ['a ZIP archive (or MSIX)', 'PK\u0003\u0004rest'],
    ['a cabinet', 'MSCF'],
    ['an empty file', ''],
    ['bytes 0102030405060708', Buffer.from('0102030405060708', 'hex')],
  ] as const) {
    test(found, () => {
      const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      assert.throws(() => inspect(content, 'setup.exe\u202e'), {
        code: 'installer.malformed',
        found,
        where: 'setup.exe\\u{202e}',
      });
    });
  }
});

describe('evidence', () => {
  test('every technology of a definition has its folder', () => {
    assert.deepEqual([...installerTechnologies.keys()].sort(), ['burn', 'exe', 'inno', 'msi', 'nullsoft']);
  });

  test('of an MSI is its own rows, whatever is stated', () => {
    const row = {
      view: '64',
      key: '{X}',
      displayName: 'A',
      displayVersion: '1.0',
      publisher: null,
      windowsInstaller: true,
      source: 'msi-tables',
    } as const;
    const msi = installerTechnologies.get('msi');
    const definition = nullsoftDefinition({ technology: 'msi' });
    assert.deepEqual(msi?.evidence(inspectionOf({ technology: 'msi', arp: [row] }), definition, '1.0'), [
      row,
    ]);
    assert.deepEqual(
      msi?.evidence(inspectionOf({ technology: 'nullsoft', arp: [row] }), definition, '1.0'),
      [],
    );
  });

  test('of NSIS is what is stated, with the version of the release', () => {
    const nullsoft = installerTechnologies.get('nullsoft');
    const definition = nullsoftDefinition();
    assert.deepEqual(nullsoft?.evidence(inspectionOf({ publisher: 'Sample Vendor' }), definition, '24.09'), [
      {
        view: '64',
        key: 'Sample Setup',
        displayName: 'Sample Setup',
        displayVersion: '24.09',
        publisher: 'Sample Vendor',
        windowsInstaller: false,
        source: 'stated by the definition',
      },
    ]);
    const around = nullsoftDefinition({
      detection: { ...definition.detection, displayName: { beginsWith: '7-Zip ', endsWith: ' (x64)' } },
    });
    assert.equal(nullsoft?.evidence(inspectionOf({}), around, '24.09')[0]?.displayName, '7-Zip 24.09 (x64)');
  });

  test('of NSIS is nothing where the name is only inferred, or the file is another', () => {
    const nullsoft = installerTechnologies.get('nullsoft');
    const { detection } = nullsoftDefinition();
    const inferred = nullsoftDefinition({ detection: { ...detection, evidence: 'inferred' } });
    assert.deepEqual(nullsoft?.evidence(inspectionOf({}), inferred, '1.0'), []);
    const nameless = nullsoftDefinition({ detection: { ...detection, displayName: {} } });
    assert.deepEqual(nullsoft?.evidence(inspectionOf({}), nameless, '1.0'), []);
    assert.deepEqual(
      nullsoft?.evidence(inspectionOf({ technology: 'unknown' }), nullsoftDefinition(), '1.0'),
      [],
    );
  });
});

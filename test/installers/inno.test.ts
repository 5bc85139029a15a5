import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bufferSource } from '../../src/core/bytes.js';
import type { InnoSetup } from '../../src/formats/inno/index.js';
import { readSetup0 } from '../../src/formats/inno/index.js';
import type { PeFile } from '../../src/formats/pe/index.js';
import { findMismatches, installerTechnologies } from '../../src/installers/index.js';
import { innoArchitecture } from '../../src/installers/inno/architecture.js';
import { expandConstants } from '../../src/installers/inno/constants.js';
import { inspectInno } from '../../src/installers/inno/inspect.js';
import { SAMPLES, sample } from '../formats/inno/samples.js';
import { inspectionOf, nullsoftDefinition } from './definitions.js';

const PE = { machine: 0x14c, versionInfo: null } as unknown as PeFile;
const setupOf = (name: string) => readSetup0(bufferSource(sample(name)), 0);
const inspect = (name: string) => inspectInno(PE, setupOf(name));

describe('what an Inno Setup installer proves', () => {
  test('the row in Apps, by the view of its architecture', () => {
    const rows = Object.fromEntries(
      SAMPLES.map((name) => [
        name,
        inspect(name).arp.map(({ view, key, displayName }) => [view, key, displayName]),
      ]),
    );
    assert.deepEqual(rows, {
      '5.5.7-x64': [['64', 'WinMerge_is1', 'WinMerge 2.16.58.0 x64']],
      '6.0.0-arm64': [['64', 'sample_is1', 'Sample']],
      '6.0.0-for-one-user': [
        ['32', '{0F8A2B6C-1D3E-4F50-8A9B-0C1D2E3F4A5B}_is1', 'Sample {Tool} version 1.2.3'],
      ],
      '6.1.0-no-row': [],
      '6.3.0-constant': [],
      '6.3.0-expression': [],
      '6.3.0-x64os': [['64', 'sample_is1', 'Sample F\u00fcr Alle version 1.2.3']],
    });
    assert.deepEqual(inspect('5.5.7-x64').arp[0], {
      view: '64',
      key: 'WinMerge_is1',
      displayName: 'WinMerge 2.16.58.0 x64',
      displayVersion: '2.16.58.0',
      publisher: 'Thingamahoochie Software',
      windowsInstaller: false,
      source: 'inno-header',
    });
  });

  test('architecture, scope, names and version', () => {
    const facts = Object.fromEntries(
      SAMPLES.map((name) => {
        const { technology, architecture, scope, productName, version } = inspect(name);
        return [name, [technology, architecture, scope, productName, version]];
      }),
    );
    assert.deepEqual(facts, {
      '5.5.7-x64': ['inno', 'x64', 'machine', 'WinMerge', '2.16.58.0'],
      '6.0.0-arm64': ['inno', 'arm64', 'machine', 'Sample', '1.2.3'],
      '6.0.0-for-one-user': ['inno', 'x86', 'user', 'Sample {Tool}', '1.2.3'],
      '6.1.0-no-row': ['inno', 'x86', 'machine', 'Sample', '1.2.3'],
      '6.3.0-constant': ['inno', 'x64', 'machine', 'Sample', '1.2.3'],
      '6.3.0-expression': ['inno', null, 'machine', 'Sample', '1.2.3'],
      '6.3.0-x64os': ['inno', 'x64', 'machine', 'Sample F\u00fcr Alle', '1.2.3'],
    });
  });

  test('nothing where the header cannot be read', () => {
    const unreadable = inspectInno(PE, { formatVersion: '6.5.2', texts: null, numbers: null });
    assert.deepEqual(unreadable, inspectionOf({ ...EMPTY, technology: 'inno' }));
  });

  test('no row under an id that Setup shortens, or that is a constant', () => {
    const setup = setupOf('5.5.7-x64');
    const under = (appId: string) => {
      const { texts } = setup;
      assert.ok(texts !== null);
      return inspectInno(PE, { ...setup, texts: { ...texts, appId } }).arp.length;
    };
    assert.deepEqual(['a'.repeat(57), 'a'.repeat(58), '{code:Id}', ''].map(under), [1, 0, 0, 0]);
  });
});

const EMPTY = {
  architecture: null,
  scope: 'unknown',
  productName: null,
  publisher: null,
  version: null,
  language: null,
  productCode: null,
  upgradeCode: null,
  arp: [],
} as const;

test('constants: `{{` is a brace, any other constant proves nothing', () => {
  assert.deepEqual(
    ['Tool', '{{A}', 'a {{b} {{c}', '{app}', '{{A}{cm:x}', '{{{app}', ''].map(expandConstants),
    ['Tool', '{A}', 'a {b} {c}', null, null, null, ''],
  );
});

test('architectures from 6.3 on are an expression', () => {
  const { texts } = setupOf('6.3.0-x64os');
  assert.ok(texts !== null);
  const of = (expression: string) => {
    const setup: InnoSetup = {
      formatVersion: '6.3.0',
      texts: { ...texts, architecturesInstallIn64BitMode: expression },
      numbers: null,
    };
    return innoArchitecture(setup);
  };
  assert.deepEqual(
    ['', 'x64', 'X64Compatible', 'arm64', 'x64os or arm64', 'x64 arm64', 'not arm64', 'x86compatible'].map(
      of,
    ),
    ['x86', 'x64', 'x64', 'arm64', 'x64', 'x64', null, null],
  );
});

describe('evidence of an Inno Setup installer', () => {
  const inno = installerTechnologies.get('inno');
  const stated = nullsoftDefinition({ technology: 'inno' });

  test('is what the header proves, and where it proves none, what is stated', () => {
    const proven = inspect('5.5.7-x64');
    assert.deepEqual(inno?.evidence(proven, stated, '9'), proven.arp);
    const [row] = inno?.evidence(inspect('6.1.0-no-row'), stated, '9') ?? [];
    assert.deepEqual([row?.displayVersion, row?.source], ['9', 'stated by the definition']);
    const { detection } = stated;
    const header = nullsoftDefinition({
      technology: 'inno',
      detection: { ...detection, evidence: 'inno-header' },
    });
    assert.deepEqual(inno?.evidence(inspect('6.1.0-no-row'), header, '9'), []);
    assert.deepEqual(inno?.evidence(inspectionOf({ technology: 'nullsoft' }), stated, '9'), []);
  });

  test('one for one user contradicts its definition, unless the command line says for all', () => {
    const found = inspect('6.0.0-for-one-user');
    const scopes = (words: string) =>
      findMismatches(found, { ...stated, architecture: 'x86', arguments: words }, '1.2.3').map(
        ({ what }) => what,
      );
    assert.deepEqual(scopes('/VERYSILENT'), ['scope']);
    assert.deepEqual(scopes('/VERYSILENT /ALLUSERS'), []);
  });
});

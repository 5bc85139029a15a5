import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchOfName } from '../../src/core/display-name.js';
import { mergeRules } from '../../src/core/evaluate.js';
import type { ArpEvidence } from '../../src/core/installer.js';
import type { InstallerDefinition } from '../../src/core/product.js';
import { resolveDetection } from '../../src/packages/detection.js';
import { proveRules } from '../../src/packages/proof/index.js';
import { itemRules, packageRule } from '../../src/packages/rules.js';
import { rowOf } from './products.js';

const setup: InstallerDefinition = {
  architecture: 'x64',
  technology: 'inno',
  scope: 'machine',
  urlTemplate: 'https://vendor.example/setup.exe',
  arguments: '/VERYSILENT',
  returnCodes: [],
};
const innoRow = rowOf({
  key: 'sample_is1',
  displayName: 'Sample version 8.9.7',
  displayVersion: '8.9.7',
  publisher: 'Sample Ltd',
  windowsInstaller: false,
  source: 'inno-header',
});
const keyed = {
  ...setup,
  technology: 'nullsoft',
  detection: { key: 'Sample', windowsInstaller: false, displayVersion: 'release', evidence: 'stated' },
} as const;

function statesOf(definition: InstallerDefinition, row: ArpEvidence, version: string, data: string) {
  const detection = resolveDetection(definition, [row], version);
  assert.ok(detection !== null);
  const msi = row.source === 'msi-tables' ? { productCode: row.key, version: row.displayVersion } : null;
  const rows = proveRules({
    productId: 'Sample.Sample',
    variant: 'x64',
    kind: 'update',
    architecture: 'x86',
    releaseVersion: version,
    evidence: [row],
    rules: mergeRules(
      { isInstalled: null, isInstallable: packageRule('x86') },
      { ...itemRules(detection, data, msi), isSuperseded: null },
    ),
  });
  return Object.fromEntries(rows.map(({ name, found }) => [name, found]));
}

describe('the name without its version', () => {
  const names: readonly [name: string, versions: readonly string[], match: unknown][] = [
    [
      '7-Zip 24.08 (x64 edition)',
      ['24.08.00.0', '24.08'],
      { beginsWith: '7-Zip ', endsWith: ' (x64 edition)' },
    ],
    ['PuTTY release 0.85 (64-bit)', ['0.85.0.0'], { beginsWith: 'PuTTY release ', endsWith: ' (64-bit)' }],
    ['Node.js', ['26.7.0'], { equalTo: 'Node.js' }],
    ['Sample 2024', ['24.1.0'], { equalTo: 'Sample 2024' }],
    ['1.2.3', ['1.2.3'], null],
    ['Ab 1.2.3', ['1.2.3'], null],
    ['Sample 1.2.3', ['9.9.9'], null],
    ['Sample 11.2.3', ['1.2.3'], null],
    ['Sample 1.2.3', ['v1.2.3'], { beginsWith: 'Sample ' }],
  ];
  for (const [name, versions, match] of names) {
    test(`${name} of ${versions}`, () => assert.deepEqual(matchOfName(name, versions), match));
  }
});

describe('what a definition leaves open', () => {
  test('is learnt from an Inno header: the key, which stays', () => {
    assert.deepEqual(resolveDetection(setup, [innoRow], '8.9.7'), {
      views: ['64'],
      key: 'sample_is1',
      displayName: {},
      anyName: { beginsWith: 'Sample version ' },
      publisher: null,
      windowsInstaller: false,
      displayVersion: 'installer',
      evidence: 'inno-header',
      isLearnt: true,
    });
  });

  test('is learnt from MSI tables: name and publisher, never the ProductCode', () => {
    const found = resolveDetection({ ...setup, technology: 'msi' }, [rowOf()], '0.85');
    assert.deepEqual(found?.displayName, { beginsWith: 'PuTTY release ', endsWith: ' (64-bit)' });
    assert.deepEqual([found?.key, found?.publisher], [null, 'Simon Tatham']);
  });

  test('is learnt from the manifest of a bundle: by name, as the key is another with each build', () => {
    const row = { ...innoRow, key: '{b49c10dd-4d54-45f8-ad13-fa25704456a4}', source: 'burn-manifest' };
    const found = resolveDetection({ ...setup, technology: 'burn' }, [row], '8.9.7');
    assert.deepEqual(
      [found?.key, found?.displayName, found?.publisher],
      [null, { beginsWith: 'Sample version ' }, 'Sample Ltd'],
    );
  });

  test('is not learnt from a row that is only stated, nor where a name is inferred', () => {
    assert.equal(resolveDetection(setup, [{ ...innoRow, source: 'stated by the definition' }], '1'), null);
    const inferred = { ...keyed.detection, evidence: 'inferred' } as const;
    assert.equal(resolveDetection({ ...keyed, detection: inferred }, [innoRow], '1'), null);
    assert.equal(resolveDetection(setup, [], '1'), null);
  });
});

describe('rules of a fixed key', () => {
  test('stand in both views where nothing tells the view, and are proven in both', () => {
    const row = { ...innoRow, key: 'Sample', viewIsOpen: true, source: 'stated by the definition' } as const;
    const states = statesOf(keyed, row, '8.9.7', '8.9.7.0');
    assert.equal(states['older, other registry view'], 'required');
    assert.equal(states['same, other registry view'], 'installed');
    assert.equal(states['older beside the same in the other registry view'], 'installed');
    assert.equal(states['older namesake'], 'notApplicable');
  });

  test('of an Inno Setup are proven in its own view', () => {
    const states = statesOf(setup, innoRow, '8.9.7', '8.9.7.0');
    assert.equal(states.older, 'required');
    assert.equal(states['older, other registry view'], 'notApplicable');
  });

  test('with a wrong key fail the proof', () => {
    const wrong = { ...keyed, detection: { ...keyed.detection, key: 'Simple' } };
    assert.throws(() => statesOf(wrong, { ...innoRow, key: 'Sample' }, '8.9.7', '8.9.7.0'), {
      code: 'proof.failed',
    });
  });
});

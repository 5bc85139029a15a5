import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../src/core/applicability.js';
import { describeRule } from '../../src/core/describe-rule.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { detectedVersion, itemRules, packageRule } from '../../src/packages/rules.js';
import { inspectionOf, notepad64, PRODUCT_CODE, putty32, putty64, resolved, rowOf } from './products.js';

const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

describe('the rule of the package', () => {
  const windows10: Rule = {
    kind: 'WindowsVersion',
    comparison: 'GreaterThanOrEqualTo',
    majorVersion: 10,
    minorVersion: 0,
  };
  test('a program for x86 runs on every Windows', () => {
    assert.deepEqual(packageRule('x86'), windows10);
  });
  for (const [architecture, number] of [
    ['x64', 9],
    ['arm64', 12],
  ] as const) {
    test(`a program for ${architecture} asks for processor ${number}`, () => {
      assert.deepEqual(packageRule(architecture), {
        kind: 'And',
        rules: [windows10, { kind: 'Processor', architecture: number }],
      });
    });
  }
});

describe('the rules of the item', () => {
  const place = { key: 'HKEY_LOOP_TARGET', subkey: '\\', regType32: false };
  test('of an MSI, with the version in the name', () => {
    assert.deepEqual(itemRules(resolved(putty64.detection, rowOf()), '0.85.0.0').isInstalled, {
      kind: 'RegKeyLoop',
      key: 'HKEY_LOCAL_MACHINE',
      subkey: UNINSTALL,
      regType32: false,
      trueIf: 'Any',
      rule: {
        kind: 'And',
        rules: [
          { kind: 'RegSz', ...place, value: 'DisplayName', comparison: 'BeginsWith', data: 'PuTTY release ' },
          { kind: 'RegSz', ...place, value: 'DisplayName', comparison: 'EndsWith', data: ' (64-bit)' },
          { kind: 'RegSz', ...place, value: 'Publisher', comparison: 'EqualTo', data: 'Simon Tatham' },
          { kind: 'RegDword', ...place, value: 'WindowsInstaller', comparison: 'EqualTo', data: 1 },
          { kind: 'RegValueExists', ...place, value: 'DisplayVersion', type: 'REG_SZ' },
          {
            kind: 'RegSzToVersion',
            ...place,
            value: 'DisplayVersion',
            comparison: 'GreaterThanOrEqualTo',
            data: '0.85.0.0',
          },
        ],
      },
    });
  });

  test('of an MSI, Windows Installer is a second witness that it is installed, from this version on', () => {
    const msi = { productCode: PRODUCT_CODE, version: '0.85.0.0' };
    const { isInstalled, isInstallable } = itemRules(resolved(putty64.detection, rowOf()), '0.85.0.0', msi);
    const byEntries = itemRules(resolved(putty64.detection, rowOf()), '0.85.0.0');
    assert.deepEqual(isInstalled, {
      kind: 'Or',
      rules: [
        byEntries.isInstalled,
        { kind: 'MsiProductInstalled', productCode: PRODUCT_CODE, versionMin: '0.85.0.0' },
      ],
    });
    assert.deepEqual(isInstallable, byEntries.isInstallable);
  });

  test('of a new installation: no key and no name of it, in either view', () => {
    const detection = resolved({ ...notepad64.detection, key: 'Notepad++' }, rowOf());
    const { isInstallable } = itemRules(detection, '8.9.7.0', null, 'install');
    assert.equal(
      describeRule(isInstallable),
      [
        `not (key HKLM\\${UNINSTALL}\\Notepad++ exists`,
        `key HKLM\\${UNINSTALL}\\Notepad++ (32-bit view) exists`,
        `for any key under HKLM\\${UNINSTALL}: text "DisplayName" of the key is "Notepad++ (64-bit x64)"`,
        `for any key under HKLM\\${UNINSTALL} (32-bit view): text "DisplayName" of the key (32-bit view) is "Notepad++ (64-bit x64)")`,
      ].join(' or '),
    );
  });

  test('differ in the comparison only', () => {
    const { isInstalled, isInstallable } = itemRules(resolved(putty64.detection, rowOf()), '0.85.0.0');
    assert.deepEqual(
      JSON.parse(JSON.stringify(isInstallable).replace('"LessThan"', '"GreaterThanOrEqualTo"')),
      isInstalled,
    );
  });

  test('of a program for x86 say the 32-bit view on the loop and on every child', () => {
    const text = JSON.stringify(itemRules(resolved(putty32.detection, rowOf()), '0.85.0.0'));
    assert.equal(text.includes('"regType32":false'), false);
    assert.equal(text.match(/"regType32":true/g)?.length, 12);
  });

  test('of an EXE are never true of an entry of Windows Installer', () => {
    const text = JSON.stringify(itemRules(resolved(notepad64.detection, rowOf()), '8.9.7.0').isInstalled);
    assert.match(text, /\{"kind":"Not","rule":\{"kind":"RegDword",[^}]*"value":"WindowsInstaller"/);
  });
});

describe('the version that the registry will show', () => {
  const numeric = versionSchemes.get('numeric');
  assert.ok(numeric);
  const of = (definition: typeof putty64, version: string, msiVersion: string | null = '0.85.0.0') =>
    detectedVersion(
      resolved(definition.detection, rowOf()),
      version,
      inspectionOf({ version: msiVersion }),
      numeric,
      'PuTTY.PuTTY',
    );
  const right: readonly [
    definition: typeof putty64,
    version: string,
    msiVersion: string | null,
    expected: string,
  ][] = [
    [putty64, '0.85', '0.85.0.0', '0.85.0.0'],
    [putty64, '24.08', '24.08.00.0', '24.8.0.0'],
    [putty64, 'anything', '7', '7.0.0.0'],
    [notepad64, '8.9.7', null, '8.9.7.0'],
    [notepad64, '8.09', null, '8.9.0.0'],
    [notepad64, '1.2.3.4', '9.9', '1.2.3.4'],
  ];
  for (const [definition, version, msiVersion, expected] of right) {
    test(`${version}, in the MSI ${msiVersion}: ${expected}`, () => {
      assert.equal(of(definition, version, msiVersion), expected);
    });
  }
  const wrong: readonly [typeof putty64, string, string | null][] = [
    [putty64, '0.85', null],
    [putty64, '0.85', '1.2.3.4.5'],
    [putty64, '0.85', '1.0-beta'],
    [notepad64, '20260115', null],
    [notepad64, 'latest', null],
  ];
  for (const [definition, version, msiVersion] of wrong) {
    test(`${version}, in the MSI ${msiVersion}: refused`, () => {
      assert.throws(() => of(definition, version, msiVersion), {
        code: 'definition.invalid',
        where: 'PuTTY.PuTTY',
        expected: /one to four numeric parts/,
      });
    });
  }
});

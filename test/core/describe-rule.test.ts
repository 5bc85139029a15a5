import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../src/core/applicability.js';
import { describeRule } from '../../src/core/describe-rule.js';

const machine = { key: 'HKEY_LOCAL_MACHINE', subkey: 'SOFTWARE\\App', regType32: false } as const;
const target = { key: 'HKEY_LOOP_TARGET', subkey: '\\', regType32: true } as const;
const TRUE: Rule = { kind: 'True' };
const exists: Rule = { kind: 'RegKeyExists', ...machine };

const table: readonly [rule: Rule, sentence: string][] = [
  [TRUE, 'always'],
  [{ kind: 'False' }, 'never'],
  [
    { kind: 'And', rules: [exists, { kind: 'Or', rules: [TRUE, exists] }] },
    'key HKLM\\SOFTWARE\\App exists and (always or key HKLM\\SOFTWARE\\App exists)',
  ],
  [{ kind: 'And', rules: [{ kind: 'Or', rules: [TRUE] }] }, 'always'],
  [{ kind: 'And', rules: [] }, 'always'],
  [{ kind: 'Or', rules: [] }, 'never'],
  [{ kind: 'Not', rule: { kind: 'And', rules: [TRUE, TRUE] } }, 'not (always and always)'],
  [
    {
      kind: 'RegKeyLoop',
      ...machine,
      regType32: true,
      trueIf: 'Any',
      rule: { kind: 'RegSz', ...target, value: 'DisplayName', comparison: 'BeginsWith', data: 'App ' },
    },
    'for any key under HKLM\\SOFTWARE\\App (32-bit view): text "DisplayName" of the key (32-bit view) begins with "App "',
  ],
  [
    {
      kind: 'RegKeyLoop',
      ...machine,
      trueIf: 'None',
      rule: { kind: 'RegKeyExists', ...target, subkey: 'Sub', regType32: false },
    },
    "for no key under HKLM\\SOFTWARE\\App: key the key's Sub exists",
  ],
  [
    { kind: 'RegKeyLoop', ...machine, trueIf: 'All', rule: TRUE },
    'for every key under HKLM\\SOFTWARE\\App: always',
  ],
  [
    { kind: 'RegValueExists', ...machine, value: 'V', type: 'REG_SZ' },
    '"V" of HKLM\\SOFTWARE\\App exists as REG_SZ',
  ],
  [
    { kind: 'RegValueExists', ...machine, value: null, type: null },
    'the default value of HKLM\\SOFTWARE\\App exists',
  ],
  [
    { kind: 'RegDword', ...machine, value: 'V', comparison: 'EqualTo', data: 1 },
    'number "V" of HKLM\\SOFTWARE\\App is 1',
  ],
  [
    { kind: 'RegExpandSz', ...machine, value: 'V', comparison: 'EndsWith', data: 'x' },
    'text "V" of HKLM\\SOFTWARE\\App ends with "x"',
  ],
  [
    { kind: 'RegSzToVersion', ...machine, value: 'V', comparison: 'GreaterThanOrEqualTo', data: '1.0.0.0' },
    'version "V" of HKLM\\SOFTWARE\\App is at least 1.0.0.0',
  ],
  [{ kind: 'Processor', architecture: 9 }, 'the processor is x64'],
  [{ kind: 'Processor', architecture: 6 }, 'the processor is 6'],
  [
    { kind: 'NumberOfProcessors', comparison: 'GreaterThan', number: 2 },
    'the number of processors is above 2',
  ],
  [
    { kind: 'WindowsVersion', comparison: 'GreaterThanOrEqualTo', majorVersion: 10, minorVersion: 0 },
    'Windows is at least 10.0',
  ],
  [
    {
      kind: 'WindowsVersion',
      comparison: 'LessThan',
      majorVersion: 6,
      minorVersion: 1,
      servicePackMajor: 1,
      productType: 3,
      suiteMask: 2,
    },
    'Windows is below 6.1, service pack is below 1, a server, suite mask 2',
  ],
  [
    { kind: 'WindowsVersion', comparison: 'GreaterThanOrEqualTo', buildNumber: 19041 },
    'the build of Windows is at least 19041',
  ],
  [
    {
      kind: 'WindowsVersion',
      comparison: 'GreaterThanOrEqualTo',
      majorVersion: 10,
      minorVersion: 0,
      buildNumber: 19041,
    },
    'Windows is at least 10.0, the build of Windows is at least 19041',
  ],
  [{ kind: 'WindowsVersion', comparison: null }, 'any Windows'],
  [{ kind: 'WindowsLanguage', language: 'ja' }, 'Windows speaks ja only'],
  [{ kind: 'MuiInstalled' }, 'Windows has a multilanguage interface'],
  [{ kind: 'MuiLanguageInstalled', language: 'ja' }, 'the interface language ja is installed'],
  [{ kind: 'SystemMetric', comparison: 'EqualTo', index: 5, value: 1 }, 'system metric 5 is 1'],
  [{ kind: 'ClusteredOS' }, 'the machine is a cluster node'],
  [
    { kind: 'WmiQuery', namespace: null, wqlQuery: 'select * from X' },
    'WMI root\\cimv2 has rows for: select * from X',
  ],
  [{ kind: 'InstalledOnce' }, 'this update was installed once'],
  [{ kind: 'FileExists', path: 'a.exe', csidl: 38 }, 'file CSIDL 38\\a.exe exists'],
  [
    { kind: 'FileExists', path: 'a.exe', version: '1.0.0.0', size: 7 },
    'file a.exe exists with version 1.0.0.0, size 7',
  ],
  [
    { kind: 'FileVersion', path: 'C:\\a.exe', comparison: 'LessThan', version: '1.0.0.0' },
    'the version of file C:\\a.exe is below 1.0.0.0',
  ],
  [
    { kind: 'FileSizePrependRegSz', ...machine, value: 'Dir', path: 'a.exe', comparison: 'EqualTo', size: 7 },
    'the size of file {"Dir" of HKLM\\SOFTWARE\\App}\\a.exe is 7 bytes',
  ],
  [
    { kind: 'FileModified', path: 'a', comparison: 'GreaterThan', modified: '2026-01-01' },
    'the time of change of file a is above 2026-01-01',
  ],
  [
    {
      kind: 'MsiProductInstalled',
      productCode: '{X}',
      versionMin: '1',
      versionMax: '2',
      excludeVersionMax: true,
    },
    'MSI product {X} from 1 to below 2 is installed',
  ],
  [
    {
      kind: 'MsiProductInstalled',
      productCode: '{X}',
      versionMin: '1',
      excludeVersionMin: true,
      language: 1033,
    },
    'MSI product {X} above 1 in language 1033 is installed',
  ],
  [
    { kind: 'MsiPatchInstalledForProduct', patchCode: '{P}', productCode: '{X}', versionMax: '2' },
    'MSI patch {P} is installed for {X} to 2',
  ],
  [
    {
      kind: 'MsiFeatureInstalledForProduct',
      features: ['A', 'B'],
      products: ['{X}'],
      allFeaturesRequired: true,
      allProductsRequired: false,
    },
    'MSI features A and B of {X} are installed',
  ],
  [
    {
      kind: 'MsiComponentInstalledForProduct',
      components: ['{C}', '{D}'],
      products: ['{X}', '{Y}'],
      allComponentsRequired: false,
      allProductsRequired: true,
    },
    'MSI components {C} or {D} of {X} and {Y} are installed',
  ],
  [{ kind: 'MsiApplicationInstalled' }, "MsiApplicationInstalled by the package's own metadata"],
  [{ kind: 'Unrecognised', name: 'LicenseDword', attributes: {} }, 'LicenseDword (a rule of another kind)'],
];

describe('a rule in a plain sentence', () => {
  for (const [rule, sentence] of table) test(sentence, () => assert.equal(describeRule(rule), sentence));
});

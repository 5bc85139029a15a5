import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../src/core/applicability.js';
import { CORE_PREFIX, SERVER_NAMESPACE } from '../../src/sus/namespaces.js';
import { GRAMMAR } from '../../src/sus/rules/grammar.js';
import { checkRule, readApplicabilityRules, readRule, ruleElement } from '../../src/sus/rules/index.js';
import { parseXml, writeXml, type XmlElement } from '../../src/text/xml/index.js';

type Kind = Exclude<Rule['kind'], 'Unrecognised'>;

const PLACE = { key: 'HKEY_LOCAL_MACHINE', subkey: 'SOFTWARE\\A & "B"', regType32: true } as const;
const VALUE = { ...PLACE, value: '' } as const;
const FOLDER = { ...PLACE, value: 'Dir', path: 'a\\b.exe' } as const;
const CODE = '{23170F69-40C1-2702-2600-000001000000}';
const LESS = { comparison: 'LessThan' } as const;
const TIME = '2026-11-24T10:00:00Z';

/** One rule of each kind, with all that it may say. */
const RULES: { readonly [K in Kind]: Rule & { readonly kind: K } } = {
  True: { kind: 'True' },
  False: { kind: 'False' },
  And: { kind: 'And', rules: [{ kind: 'True' }, { kind: 'False' }] },
  Or: { kind: 'Or', rules: [{ kind: 'True' }] },
  Not: { kind: 'Not', rule: { kind: 'True' } },
  RegKeyExists: { kind: 'RegKeyExists', ...PLACE },
  RegValueExists: { kind: 'RegValueExists', ...PLACE, value: 'V', type: 'REG_SZ' },
  RegDword: { kind: 'RegDword', ...VALUE, ...LESS, data: 4_294_967_295 },
  RegSz: { kind: 'RegSz', ...VALUE, comparison: 'BeginsWith', data: ' a\tb\n' },
  RegExpandSz: { kind: 'RegExpandSz', ...VALUE, comparison: 'EndsWith', data: '%A%' },
  RegSzToVersion: { kind: 'RegSzToVersion', ...VALUE, ...LESS, data: '1.2.3.99999' },
  RegKeyLoop: {
    kind: 'RegKeyLoop',
    ...PLACE,
    trueIf: 'None',
    rule: { kind: 'RegKeyExists', ...PLACE, key: 'HKEY_LOOP_TARGET', subkey: '\\' },
  },
  Processor: { kind: 'Processor', architecture: 9, level: 6, revision: 1 },
  WindowsVersion: {
    kind: 'WindowsVersion',
    comparison: 'EqualTo',
    majorVersion: 10,
    minorVersion: 0,
    buildNumber: 22631,
    servicePackMajor: 1,
    servicePackMinor: 0,
    allSuitesMustBePresent: false,
    suiteMask: 256,
    productType: 1,
  },
  WindowsLanguage: { kind: 'WindowsLanguage', language: 'pt-BR' },
  MuiLanguageInstalled: { kind: 'MuiLanguageInstalled', language: 'de' },
  MuiInstalled: { kind: 'MuiInstalled' },
  ClusteredOS: { kind: 'ClusteredOS' },
  SystemMetric: { kind: 'SystemMetric', ...LESS, index: -1, value: 5 },
  NumberOfProcessors: { kind: 'NumberOfProcessors', ...LESS, number: 4 },
  ClusterResourceOwner: { kind: 'ClusterResourceOwner', ...VALUE, prefix: 'a', suffix: 'b' },
  FileExists: {
    kind: 'FileExists',
    path: 'a.exe',
    csidl: 38,
    version: '1.0.0.0',
    created: TIME,
    modified: TIME,
    size: 9,
    language: 1033,
  },
  FileExistsPrependRegSz: { kind: 'FileExistsPrependRegSz', ...FOLDER },
  FileVersion: { kind: 'FileVersion', path: 'a.exe', csidl: 42, ...LESS, version: '1.0.0.0' },
  FileVersionPrependRegSz: { kind: 'FileVersionPrependRegSz', ...FOLDER, ...LESS, version: '1.0.0.0' },
  FileCreated: { kind: 'FileCreated', path: 'a.exe', ...LESS, created: TIME },
  FileCreatedPrependRegSz: { kind: 'FileCreatedPrependRegSz', ...FOLDER, ...LESS, created: TIME },
  FileModified: { kind: 'FileModified', path: 'a.exe', ...LESS, modified: TIME },
  FileModifiedPrependRegSz: { kind: 'FileModifiedPrependRegSz', ...FOLDER, ...LESS, modified: TIME },
  FileSize: { kind: 'FileSize', path: 'a.exe', ...LESS, size: 1 },
  FileSizePrependRegSz: { kind: 'FileSizePrependRegSz', ...FOLDER, ...LESS, size: 1 },
  WmiQuery: { kind: 'WmiQuery', namespace: 'root\\cimv2', wqlQuery: "SELECT * FROM A WHERE b < 'c'" },
  InstalledOnce: { kind: 'InstalledOnce' },
  GenericQuery: { kind: 'GenericQuery', namespace: 'n', type: 't', parameter: 'p', ...LESS, value: 'v' },
  MsiProductInstalled: {
    kind: 'MsiProductInstalled',
    productCode: CODE,
    versionMin: '1.2',
    excludeVersionMin: true,
    versionMax: '2',
    excludeVersionMax: false,
    language: 1033,
  },
  MsiPatchInstalledForProduct: { kind: 'MsiPatchInstalledForProduct', patchCode: CODE, productCode: CODE },
  MsiFeatureInstalledForProduct: {
    kind: 'MsiFeatureInstalledForProduct',
    allFeaturesRequired: true,
    allProductsRequired: false,
    features: ['A', 'B'],
    products: [CODE],
  },
  MsiComponentInstalledForProduct: {
    kind: 'MsiComponentInstalledForProduct',
    allComponentsRequired: false,
    allProductsRequired: true,
    components: ['C'],
    products: [CODE, CODE],
  },
  MsiPatchInstalled: { kind: 'MsiPatchInstalled' },
  MsiPatchSuperseded: { kind: 'MsiPatchSuperseded' },
  MsiPatchInstallable: { kind: 'MsiPatchInstallable' },
  MsiApplicationInstalled: { kind: 'MsiApplicationInstalled' },
  MsiApplicationSuperseded: { kind: 'MsiApplicationSuperseded' },
  MsiApplicationInstallable: { kind: 'MsiApplicationInstallable' },
};

/** As a server keeps it, and as a Core fragment has it. */
const inServerForm = (from: XmlElement): XmlElement => ({
  ...from,
  namespace: SERVER_NAMESPACE.get(from.namespace) ?? from.namespace,
  children: from.children.map((child) => (typeof child === 'string' ? child : inServerForm(child))),
});
const inFragment = (from: XmlElement): XmlElement => ({
  ...from,
  namespace: '',
  prefix: '',
  localName: `${CORE_PREFIX.get(from.namespace) ?? ''}${from.localName}`,
  children: from.children.map((child) => (typeof child === 'string' ? child : inFragment(child))),
});

describe('every rule is read as it was written, in all three forms', () => {
  for (const rule of Object.values(RULES)) {
    test(rule.kind, () => {
      const written = ruleElement(rule);
      for (const form of [written, inServerForm(written), inFragment(written)]) {
        assert.deepEqual(readRule(parseXml(writeXml(form))), rule);
      }
      assert.deepEqual(checkRule(rule, 'IsInstalled'), []);
    });
  }

  test('and no grammar is left over', () => {
    assert.deepEqual(Object.keys(GRAMMAR).sort(), Object.keys(RULES).sort());
  });
});

describe('what is read', () => {
  const read = (xml: string) => readRule(parseXml(xml));

  test('tolerates blanks and the other spelling of booleans', () => {
    assert.deepEqual(
      read(
        '<RegDword Key="HKEY_LOCAL_MACHINE" Subkey="A" Value="B" RegType32=" 1 " Comparison="EqualTo" Data=" +007 " />',
      ),
      {
        kind: 'RegDword',
        key: 'HKEY_LOCAL_MACHINE',
        subkey: 'A',
        value: 'B',
        regType32: true,
        comparison: 'EqualTo',
        data: 7,
      },
    );
  });

  test('keeps a rule of another language by its name', () => {
    assert.deepEqual(read('<b.LicenseDword Value="A" Data="1" />'), {
      kind: 'Unrecognised',
      name: 'LicenseDword',
      attributes: { Value: 'A', Data: '1' },
    });
    for (const name of ['constructor', '__proto__', 'toString']) {
      assert.equal(read(`<${name} />`).kind, 'Unrecognised');
    }
  });

  const wrong = [
    '<RegKeyExists Subkey="A" />',
    '<RegKeyExists Key="HKEY_CURRENT_USER" Subkey="A" />',
    '<RegKeyExists Key="HKEY_LOCAL_MACHINE" Subkey="" />',
    '<Processor Architecture="65536" />',
    '<Processor Architecture="1e3" />',
    '<Not />',
    '<Not><True /><True /></Not>',
    '<And />',
    '<True><True /></True>',
    '<FileVersion Path="a" Comparison="LessThan" Version="1.2.3" />',
    '<FileCreated Path="a" Comparison="LessThan" Created="2026-02-30T00:00:00Z" />',
    '<MsiProductInstalled ProductCode="23170F69-40C1-2702-2600-000001000000" />',
  ];
  for (const xml of wrong) {
    test(`refuses ${xml}`, () => assert.throws(() => read(xml), { code: 'package.invalid' }));
  }

  test('refuses two rules where one belongs', () => {
    const rules = parseXml(
      '<ApplicabilityRules><IsInstalled><True /><True /></IsInstalled></ApplicabilityRules>',
    );
    assert.throws(() => readApplicabilityRules(rules), { code: 'package.invalid', expected: 'one rule' });
    assert.deepEqual(readApplicabilityRules(null), {
      isInstalled: null,
      isSuperseded: null,
      isInstallable: null,
    });
  });
});

test('what was only read is not written', () => {
  const foreign: Rule = { kind: 'Unrecognised', name: 'LicenseDword', attributes: {} };
  assert.throws(() => ruleElement({ kind: 'Not', rule: foreign }), {
    code: 'package.invalid',
    found: 'LicenseDword',
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule, SystemRule } from '../../../src/core/applicability.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import { type MachineFacts, machineOf } from '../machines.js';

type Truth = boolean | 'unknown';
const truthOf = (rule: Rule, facts: MachineFacts = {}): Truth => {
  const { value, unknown } = evaluateRule(rule, machineOf(facts));
  return unknown ? 'unknown' : value;
};

type Windows = Omit<Extract<SystemRule, { kind: 'WindowsVersion' }>, 'kind'>;
const windows = (rule: Windows): Rule => ({ kind: 'WindowsVersion', ...rule });

describe('WindowsVersion', () => {
  const ten = { majorVersion: 10, minorVersion: 0 };
  const seven = { majorVersion: 6, minorVersion: 1 };
  const win11 = '10.0.22631.3447';
  const win7 = '6.1.7601.0';
  const table: readonly [
    name: string,
    rule: Windows,
    os: NonNullable<MachineFacts['os']>,
    expected: Truth,
  ][] = [
    ['no comparison is equality', { comparison: null, ...ten }, { version: win11 }, true],
    [
      'equality, another minor version',
      { comparison: null, majorVersion: 6, minorVersion: 2 },
      { version: '6.3.9600.0' },
      false,
    ],
    ['at least 10.0 on 10.0', { comparison: 'GreaterThanOrEqualTo', ...ten }, { version: win11 }, true],
    [
      'at least 10.0 on 6.3: the major version decides',
      { comparison: 'GreaterThanOrEqualTo', ...ten },
      { version: '6.3.9600.0' },
      false,
    ],
    [
      'at least 6.1 on 10.0: the minor version is then not looked at',
      { comparison: 'GreaterThanOrEqualTo', ...seven },
      { version: win11 },
      true,
    ],
    ['above 6.1 on 6.2', { comparison: 'GreaterThan', ...seven }, { version: '6.2.9200.0' }, true],
    [
      'above 6.1 on 6.1',
      { comparison: 'GreaterThan', ...seven },
      { version: win7, servicePack: '1.0' },
      false,
    ],
    ['below 10 on 6.1', { comparison: 'LessThan', majorVersion: 10 }, { version: win7 }, true],
    ['at most 6.1 on 10.0', { comparison: 'LessThanOrEqualTo', ...seven }, { version: win11 }, false],
    ['only the major version', { comparison: 'EqualTo', majorVersion: 10 }, { version: win11 }, true],
    [
      'a build that is reached',
      { comparison: 'GreaterThanOrEqualTo', ...ten, buildNumber: 19041 },
      { version: win11 },
      true,
    ],
    [
      'a build that is not',
      { comparison: 'GreaterThanOrEqualTo', ...ten, buildNumber: 26100 },
      { version: win11 },
      false,
    ],
    [
      'the build is compared by itself, also where the major version is above',
      { comparison: 'GreaterThanOrEqualTo', ...seven, buildNumber: 26100 },
      { version: win11 },
      false,
    ],
    ['only the build', { comparison: 'EqualTo', buildNumber: 22631 }, { version: win11 }, true],
    [
      'service pack 1 on 7 SP1',
      { comparison: 'GreaterThanOrEqualTo', ...seven, servicePackMajor: 1 },
      { version: win7, servicePack: '1.0' },
      true,
    ],
    [
      'service pack 1 on 7 without',
      { comparison: 'GreaterThanOrEqualTo', ...seven, servicePackMajor: 1 },
      { version: win7, servicePack: '0.0' },
      false,
    ],
    [
      'service pack 1 on 7, not stated',
      { comparison: 'GreaterThanOrEqualTo', ...seven, servicePackMajor: 1 },
      { version: win7 },
      'unknown',
    ],
    [
      'service pack 1 of 6.1 on 10: decided before',
      { comparison: 'GreaterThanOrEqualTo', ...seven, servicePackMajor: 1 },
      { version: win11 },
      true,
    ],
    [
      'from Windows 8 on there are none',
      { comparison: 'EqualTo', ...ten, servicePackMajor: 0 },
      { version: win11 },
      true,
    ],
    [
      'a minor service pack',
      { comparison: 'GreaterThan', ...seven, servicePackMajor: 1, servicePackMinor: 0 },
      { version: win7, servicePack: '1.1' },
      true,
    ],
    ['a workstation', { comparison: null, productType: 1 }, {}, true],
    ['a server is none', { comparison: null, productType: 1 }, { productType: 3 }, false],
    [
      'the product type is equality, whatever the comparison',
      { comparison: 'GreaterThan', majorVersion: 6, productType: 1 },
      { productType: 3 },
      false,
    ],
    ['a suite', { comparison: null, suiteMask: 0x100 }, { suiteMask: 0x300 }, true],
    ['another suite', { comparison: null, suiteMask: 0x80 }, { suiteMask: 0x300 }, false],
    ['one of the suites', { comparison: null, suiteMask: 0x180 }, { suiteMask: 0x300 }, true],
    [
      'all suites',
      { comparison: null, suiteMask: 0x180, allSuitesMustBePresent: true },
      { suiteMask: 0x300 },
      false,
    ],
    [
      'all suites are there',
      { comparison: null, suiteMask: 0x300, allSuitesMustBePresent: true },
      { suiteMask: 0x300 },
      true,
    ],
    ['nothing asked', { comparison: null }, {}, true],
    ['a version that cannot be read', { comparison: null, ...ten }, { version: 'Windows 11' }, 'unknown'],
  ];
  for (const [name, rule, os, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(windows(rule), { os }), expected));
  }
});

describe('processors and languages', () => {
  const table: readonly [name: string, rule: Rule, facts: MachineFacts, expected: Truth][] = [
    ['x64', { kind: 'Processor', architecture: 9 }, {}, true],
    ['x86 on x64', { kind: 'Processor', architecture: 0 }, {}, false],
    ['ARM64', { kind: 'Processor', architecture: 12 }, { os: { architecture: 'arm64' } }, true],
    ['x64 on ARM64', { kind: 'Processor', architecture: 9 }, { os: { architecture: 'arm64' } }, false],
    ['level and revision are not stated', { kind: 'Processor', architecture: 9, level: 6 }, {}, 'unknown'],
    ['of another processor they do not matter', { kind: 'Processor', architecture: 0, level: 6 }, {}, false],
    [
      'number of processors',
      { kind: 'NumberOfProcessors', comparison: 'GreaterThanOrEqualTo', number: 4 },
      {},
      true,
    ],
    ['too few processors', { kind: 'NumberOfProcessors', comparison: 'GreaterThan', number: 4 }, {}, false],
    ['the language of Windows', { kind: 'WindowsLanguage', language: 'en' }, {}, true],
    ['with its region', { kind: 'WindowsLanguage', language: 'EN-us' }, {}, true],
    ['of another region', { kind: 'WindowsLanguage', language: 'en-GB' }, {}, false],
    ['the beginning of a language', { kind: 'WindowsLanguage', language: 'e' }, {}, false],
    [
      'Windows with a multilanguage interface',
      { kind: 'WindowsLanguage', language: 'en' },
      { os: { muiLanguages: ['en-US'] } },
      false,
    ],
    ['the multilanguage interface', { kind: 'MuiInstalled' }, { os: { muiLanguages: ['ja-JP'] } }, true],
    ['without it', { kind: 'MuiInstalled' }, {}, false],
    [
      'one of its languages',
      { kind: 'MuiLanguageInstalled', language: 'ja' },
      { os: { muiLanguages: ['en-US', 'ja-JP'] } },
      true,
    ],
    [
      'none of its languages',
      { kind: 'MuiLanguageInstalled', language: 'de' },
      { os: { muiLanguages: ['ja-JP'] } },
      false,
    ],
    ['a system metric', { kind: 'SystemMetric', comparison: 'EqualTo', index: 0, value: 1 }, {}, 'unknown'],
    ['a cluster', { kind: 'ClusteredOS' }, {}, 'unknown'],
  ];
  for (const [name, rule, facts, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, facts), expected));
  }
});

describe('queries', () => {
  const wmi = (wqlQuery: string, namespace: string | null = null): Rule => ({
    kind: 'WmiQuery',
    namespace,
    wqlQuery,
  });
  const facts: MachineFacts = {
    wmi: [
      { namespace: 'root\\cimv2', query: "select * from Win32_Bios where Name = 'A  b'", result: true },
      { namespace: 'Root/Vendor', query: 'select * from Thing', result: false },
    ],
  };
  const table: readonly [name: string, rule: Rule, expected: Truth][] = [
    ['with rows', wmi("select * from Win32_Bios where Name = 'A  b'"), true],
    ['written over two lines', wmi("select *\n  from Win32_Bios where Name = 'A  b'"), true],
    ['without rows', wmi('select * from Thing', 'root\\vendor'), false],
    ['in another namespace', wmi('select * from Thing'), 'unknown'],
    ['that is not stated', wmi('select * from Other'), 'unknown'],
    [
      'of another kind',
      { kind: 'GenericQuery', namespace: 'n', type: 't', parameter: 'p', comparison: null, value: null },
      'unknown',
    ],
    ['installed once', { kind: 'InstalledOnce' }, 'unknown'],
  ];
  for (const [name, rule, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, facts), expected));
  }
});

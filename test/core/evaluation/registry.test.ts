import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RegistryRule, Rule } from '../../../src/core/applicability.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import type { Machine, RegistryValue } from '../../../src/core/machine.js';
import { type MachineFacts, machineOf, number, text } from '../machines.js';

type Truth = boolean | 'unknown';
const truthOf = (rule: Rule, machine: Machine): Truth => {
  const { value, unknown } = evaluateRule(rule, machine);
  return unknown ? 'unknown' : value;
};
const K = 'SOFTWARE\\Vendor\\App';
const at = (subkey = K, regType32 = false) => ({ key: 'HKEY_LOCAL_MACHINE', subkey, regType32 }) as const;
const holding = (values: Record<string, RegistryValue>) => machineOf({ registry64: { [K]: values } });

describe('keys', () => {
  const exists = (subkey: string, regType32 = false): Rule => ({
    kind: 'RegKeyExists',
    ...at(subkey, regType32),
  });
  const table: readonly [name: string, facts: MachineFacts, rule: Rule, expected: Truth][] = [
    ['a key that is listed', { registry64: { [K]: {} } }, exists(K), true],
    ['whatever the case', { registry64: { [K]: {} } }, exists(K.toUpperCase()), true],
    ['with a backslash too many', { registry64: { [K]: {} } }, exists(`\\${K}\\`), true],
    ['a key above one that is listed', { registry64: { [K]: {} } }, exists('SOFTWARE\\Vendor'), true],
    ['a key below one that is listed', { registry64: { [K]: {} } }, exists(`${K}\\More`), false],
    ['the beginning of a name', { registry64: { [K]: {} } }, exists('SOFTWARE\\Vendor\\Ap'), false],
    ['the other view', { registry64: { [K]: {} } }, exists(K, true), false],
    ['the 32-bit view', { registry32: { [K]: {} } }, exists(K, true), true],
    [
      'the 32-bit view from the other side',
      { registry32: { [K]: {} } },
      exists('SOFTWARE\\Wow6432Node\\Vendor\\App'),
      true,
    ],
    [
      'Wow6432Node as a machine file may write it',
      { registry64: { 'SOFTWARE\\WOW6432Node\\Vendor\\App': {} } },
      exists(K, true),
      true,
    ],
    [
      'Wow6432Node within the 32-bit view',
      { registry32: { [K]: {} } },
      exists('SOFTWARE\\Wow6432Node\\Vendor\\App', true),
      true,
    ],
    [
      'what is not SOFTWARE has one view',
      { registry64: { 'SYSTEM\\Setup': {} } },
      exists('SYSTEM\\Setup', true),
      true,
    ],
    [
      'Windows for x86 has one view',
      { os: { architecture: 'x86' }, registry64: { [K]: {} } },
      exists(K, true),
      true,
    ],
    [
      'Windows for ARM64 has two',
      { os: { architecture: 'arm64' }, registry64: { [K]: {} } },
      exists(K, true),
      false,
    ],
  ];
  for (const [name, facts, rule, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, machineOf(facts)), expected));
  }

  test('only HKLM is visible, by both of its names', () => {
    const machine: Machine = {
      ...machineOf(),
      registry: { '64': { 'HKCU\\SOFTWARE\\User': {}, 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Long': {} }, '32': {} },
    };
    assert.equal(truthOf(exists('SOFTWARE\\User'), machine), false);
    assert.equal(truthOf(exists('SOFTWARE\\Long'), machine), true);
  });
});

describe('values', () => {
  const machine = holding({
    '': text('default'),
    Name: text('Tool 1.2'),
    Path: { type: 'REG_EXPAND_SZ', value: '%ProgramFiles%\\Tool' },
    Count: number(7),
    Large: number(0xffff_ffff),
    Negative: number(-1),
    Hex: { type: 'REG_DWORD', value: '0x10' },
    List: { type: 'REG_MULTI_SZ', value: ['a'] },
    Version: text('1.2'),
    Broken: text('1.2-beta'),
    Long: text('1.2.3.4.5'),
    Huge: text('123456'),
    Spaced: text(' 1.2 '),
    Empty: text(''),
  });
  const exists = (value: string | null, type: string | null = null): Rule => ({
    kind: 'RegValueExists',
    ...at(),
    value,
    type,
  });
  const sz = (
    value: string,
    comparison: 'EqualTo' | 'BeginsWith' | 'Contains' | 'EndsWith',
    data: string,
    kind: 'RegSz' | 'RegExpandSz' = 'RegSz',
  ): Rule => ({ kind, ...at(), value, comparison, data });
  type Scalar = Extract<RegistryRule, { kind: 'RegDword' }>['comparison'];
  const dword = (value: string, comparison: Scalar, data: number): Rule => ({
    kind: 'RegDword',
    ...at(),
    value,
    comparison,
    data,
  });
  const version = (value: string, comparison: Scalar, data: string): Rule => ({
    kind: 'RegSzToVersion',
    ...at(),
    value,
    comparison,
    data,
  });

  const table: readonly [name: string, rule: Rule, expected: Truth][] = [
    ['a value', exists('Name'), true],
    ['whatever the case', exists('NAME'), true],
    ['of a type', exists('Name', 'REG_SZ'), true],
    ['of another type', exists('Name', 'REG_DWORD'), false],
    ['the default value', exists(null), true],
    ['a value that is missing', exists('None'), false],
    ['text, equal', sz('Name', 'EqualTo', 'Tool 1.2'), true],
    ['text, not equal', sz('Name', 'EqualTo', 'Tool'), false],
    ['text, beginning', sz('Name', 'BeginsWith', 'Tool '), true],
    ['text, ending', sz('Name', 'EndsWith', '1.2'), true],
    ['text, within', sz('Name', 'Contains', 'ol 1'), true],
    ['text, not within', sz('Name', 'Contains', 'x'), false],
    ['text that differs by case only has no documented answer', sz('Name', 'EqualTo', 'TOOL 1.2'), 'unknown'],
    ['nor has its beginning', sz('Name', 'BeginsWith', 'tool'), 'unknown'],
    ['text that is missing', sz('None', 'Contains', 'x'), false],
    ['text of another type', sz('Path', 'BeginsWith', '%'), false],
    ['expandable text', sz('Path', 'BeginsWith', '%ProgramFiles%', 'RegExpandSz'), true],
    ['expandable text is no plain one', sz('Name', 'EqualTo', 'Tool 1.2', 'RegExpandSz'), false],
    ['a list is no text', sz('List', 'EqualTo', 'a'), false],
    ['a number, equal', dword('Count', 'EqualTo', 7), true],
    ['a number, above', dword('Count', 'GreaterThan', 7), false],
    ['a number, at least', dword('Count', 'GreaterThanOrEqualTo', 7), true],
    ['a number, below', dword('Count', 'LessThan', 8), true],
    ['a number, at most', dword('Count', 'LessThanOrEqualTo', 6), false],
    ['a number has no sign', dword('Negative', 'EqualTo', 0xffff_ffff), true],
    ['a large number', dword('Large', 'GreaterThan', 0x7fff_ffff), true],
    ['a number written in hex', dword('Hex', 'EqualTo', 16), true],
    ['a number that is missing is not 0', dword('None', 'EqualTo', 0), false],
    ['text is no number', dword('Empty', 'EqualTo', 0), false],
    ['a version, equal', version('Version', 'EqualTo', '1.2.0.0'), true],
    ['a version, at least', version('Version', 'GreaterThanOrEqualTo', '1.2.0.1'), false],
    ['a version, below', version('Version', 'LessThan', '1.10.0.0'), true],
    ['a missing version is 0.0.0.0', version('None', 'LessThan', '0.0.0.1'), true],
    ['and equal to that', version('None', 'EqualTo', '0.0.0.0'), true],
    [
      'a version of another type has no documented answer',
      version('Count', 'LessThan', '1.0.0.0'),
      'unknown',
    ],
    ['what is no version has no documented answer', version('Broken', 'LessThan', '9.0.0.0'), 'unknown'],
    ['nor have five parts', version('Long', 'LessThan', '9.0.0.0'), 'unknown'],
    ['nor have six digits', version('Huge', 'GreaterThan', '1.0.0.0'), 'unknown'],
    ['nor have blanks', version('Spaced', 'EqualTo', '1.2.0.0'), 'unknown'],
    ['nor has an empty text', version('Empty', 'LessThan', '1.0.0.0'), 'unknown'],
  ];
  for (const [name, rule, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, machine), expected));
  }

  test('a key that is missing has no values', () => {
    assert.equal(truthOf(version('Version', 'LessThan', '1.0.0.0'), machineOf()), true);
    assert.equal(truthOf(exists('Name'), machineOf()), false);
  });

  test('what was found is told', () => {
    assert.equal(
      evaluateRule(version('None', 'LessThan', '1.0.0.0'), machine).trace.found,
      'no such value, taken as 0.0.0.0',
    );
    assert.equal(evaluateRule(sz('Name', 'EqualTo', 'x'), machine).trace.found, 'REG_SZ "Tool 1.2"');
  });
});

describe('views in a loop', () => {
  const UNINSTALL = 'SOFTWARE\\Uninstall';
  const rule = (onLoop: boolean, onChild: boolean): Rule => ({
    kind: 'RegKeyLoop',
    key: 'HKEY_LOCAL_MACHINE',
    subkey: UNINSTALL,
    regType32: onLoop,
    trueIf: 'Any',
    rule: {
      kind: 'RegSz',
      key: 'HKEY_LOOP_TARGET',
      subkey: '\\',
      regType32: onChild,
      value: 'N',
      comparison: 'EqualTo',
      data: 'App',
    },
  });
  const in32 = machineOf({ registry32: { [`${UNINSTALL}\\App`]: { N: text('App') } } });
  const in64 = machineOf({ registry64: { [`${UNINSTALL}\\App`]: { N: text('App') } } });
  const inBoth = machineOf({
    registry32: { [`${UNINSTALL}\\App`]: {} },
    registry64: { [`${UNINSTALL}\\App`]: { N: text('App') } },
  });
  const table: readonly [
    machine: string,
    on: Machine,
    loop32: boolean,
    child32: boolean,
    expected: boolean,
  ][] = [
    ['the 32-bit view', in32, true, true, true],
    ['the 32-bit view, not said on the child', in32, true, false, false],
    ['the 32-bit view, not said on the loop', in32, false, true, false],
    ['the 64-bit view', in64, false, false, true],
    ['the 64-bit view, the loop in the other', in64, true, false, false],
    ['keys of one name in both views, the value in the 64-bit one', inBoth, true, false, true],
    ['keys of one name in both views, asked for in the 32-bit one', inBoth, true, true, false],
  ];
  for (const [name, on, loop32, child32, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule(loop32, child32), on), expected));
  }

  test('Windows for x86 has one view for both', () => {
    const on = machineOf({
      os: { architecture: 'x86' },
      registry64: { [`${UNINSTALL}\\App`]: { N: text('App') } },
    });
    for (const loop32 of [true, false]) {
      for (const child32 of [true, false]) assert.equal(truthOf(rule(loop32, child32), on), true);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FileRule, Rule } from '../../../src/core/applicability.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import type { MachineFile } from '../../../src/core/machine.js';
import { type MachineFacts, machineOf, number, text } from '../machines.js';

type Truth = boolean | 'unknown';
const truthOf = (rule: Rule, facts: MachineFacts): Truth => {
  const { value, unknown } = evaluateRule(rule, machineOf(facts));
  return unknown ? 'unknown' : value;
};

const tool: MachineFile = {
  path: 'C:\\Program Files\\Tool\\tool.exe',
  version: '1.2.3.4',
  size: 1000,
  created: '2026-01-01T00:00:00Z',
  modified: '2026-02-01T00:00:00Z',
  language: 1033,
};
const bare: MachineFile = { path: 'C:\\bare.exe' };
const facts: MachineFacts = { files: [tool, bare] };

describe('where a file is', () => {
  const exists = (path: string, csidl?: number): Rule => ({
    kind: 'FileExists',
    path,
    ...(csidl === undefined ? {} : { csidl }),
  });
  const table: readonly [name: string, rule: Rule, expected: Truth][] = [
    ['an absolute path', exists(tool.path), true],
    ['whatever the case and the slashes', exists('c:/PROGRAM files//Tool/tool.exe'), true],
    ['with dots', exists('C:\\Program Files\\Other\\..\\Tool\\.\\tool.exe'), true],
    ['no more dots than folders', exists('C:\\..\\..\\bare.exe'), false],
    ['a machine variable', exists('%ProgramFiles%\\Tool\\tool.exe'), true],
    ["a user's variable has no answer", exists('%APPDATA%\\Tool\\tool.exe'), 'unknown'],
    ['Program Files by its number', exists('Tool\\tool.exe', 38), true],
    ['with a backslash before it', exists('\\Tool\\tool.exe', 38), true],
    ['Program Files (x86)', exists('Tool\\tool.exe', 42), false],
    ['a number that is not known', exists('x', 26), 'unknown'],
    ['a file that is missing', exists('C:\\none.exe'), false],
    ['a folder is no file', exists('C:\\Program Files\\Tool'), false],
  ];
  for (const [name, rule, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, facts), expected));
  }

  const folders: readonly [csidl: number, path: string][] = [
    [35, 'C:\\ProgramData\\f'],
    [36, 'C:\\Windows\\f'],
    [37, 'C:\\Windows\\System32\\f'],
    [41, 'C:\\Windows\\SysWOW64\\f'],
    [42, 'C:\\Program Files (x86)\\f'],
    [43, 'C:\\Program Files\\Common Files\\f'],
    [44, 'C:\\Program Files (x86)\\Common Files\\f'],
  ];
  for (const [csidl, path] of folders) {
    test(`CSIDL ${csidl} is where ${path} is`, () =>
      assert.equal(truthOf(exists('f', csidl), { files: [{ path }] }), true));
  }
  test('on Windows for x86 there is one Program Files and one System32', () => {
    const on = {
      os: { architecture: 'x86' as const },
      files: [{ path: 'C:\\Program Files\\f' }, { path: 'C:\\Windows\\System32\\g' }],
    };
    assert.equal(truthOf(exists('f', 42), on), true);
    assert.equal(truthOf(exists('g', 41), on), true);
  });
});

describe('what a file is', () => {
  const at = { path: tool.path };
  const none = { path: 'C:\\none.exe' };
  const table: readonly [name: string, rule: FileRule, expected: Truth][] = [
    ['version, equal', { kind: 'FileVersion', ...at, comparison: 'EqualTo', version: '1.2.3.4' }, true],
    [
      'version, at least',
      { kind: 'FileVersion', ...at, comparison: 'GreaterThanOrEqualTo', version: '1.2.3.5' },
      false,
    ],
    [
      'version, by number and not by text',
      { kind: 'FileVersion', ...at, comparison: 'LessThan', version: '1.10.0.0' },
      true,
    ],
    [
      'version of a file that is missing is not 0',
      { kind: 'FileVersion', ...none, comparison: 'LessThan', version: '9.0.0.0' },
      false,
    ],
    [
      'version that is not stated',
      { kind: 'FileVersion', path: bare.path, comparison: 'LessThan', version: '9.0.0.0' },
      'unknown',
    ],
    ['size', { kind: 'FileSize', ...at, comparison: 'GreaterThan', size: 999 }, true],
    [
      'size that is not stated',
      { kind: 'FileSize', path: bare.path, comparison: 'GreaterThan', size: 0 },
      'unknown',
    ],
    [
      'creation',
      { kind: 'FileCreated', ...at, comparison: 'LessThan', created: '2026-01-01T00:00:01Z' },
      true,
    ],
    [
      'creation in another zone',
      { kind: 'FileCreated', ...at, comparison: 'EqualTo', created: '2026-01-01T02:00:00+02:00' },
      true,
    ],
    [
      'creation without a zone is UTC',
      { kind: 'FileCreated', ...at, comparison: 'EqualTo', created: '2026-01-01T00:00:00' },
      true,
    ],
    [
      'change',
      { kind: 'FileModified', ...at, comparison: 'GreaterThanOrEqualTo', modified: '2026-02-01T00:00:00Z' },
      true,
    ],
    [
      'change at no time',
      { kind: 'FileModified', ...at, comparison: 'LessThan', modified: 'soon' },
      'unknown',
    ],
    [
      'existence with all that is stated',
      { kind: 'FileExists', ...at, version: '1.2.3.4', size: 1000, language: 1033 },
      true,
    ],
    [
      'existence with another language',
      { kind: 'FileExists', ...at, version: '1.2.3.4', language: 1031 },
      false,
    ],
    ['existence of something not stated', { kind: 'FileExists', path: bare.path, size: 1 }, 'unknown'],
    [
      'existence of one wrong and one not stated',
      { kind: 'FileExists', path: tool.path, size: 1, version: 'x' },
      false,
    ],
  ];
  for (const [name, rule, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, facts), expected));
  }
});

describe('a folder from the registry before the path', () => {
  const place = {
    key: 'HKEY_LOCAL_MACHINE',
    subkey: 'SOFTWARE\\Tool',
    regType32: false,
    value: 'Dir',
  } as const;
  const rule: FileRule = {
    kind: 'FileVersionPrependRegSz',
    ...place,
    path: 'tool.exe',
    comparison: 'EqualTo',
    version: '1.2.3.4',
  };
  const withDir = (
    Dir: ReturnType<typeof text> | { type: 'REG_EXPAND_SZ'; value: string } | ReturnType<typeof number>,
  ) => ({
    ...facts,
    registry64: { 'SOFTWARE\\Tool': { Dir } },
  });
  const table: readonly [name: string, facts: MachineFacts, expected: Truth][] = [
    ['a folder', withDir(text('C:\\Program Files\\Tool')), true],
    ['with a backslash at its end', withDir(text('C:\\Program Files\\Tool\\')), true],
    ['in quotes', withDir(text('"C:\\Program Files\\Tool"')), true],
    [
      'as REG_EXPAND_SZ has no documented answer',
      withDir({ type: 'REG_EXPAND_SZ', value: '%ProgramFiles%\\Tool' }),
      'unknown',
    ],
    ['with variables', withDir(text('%ProgramFiles%\\Tool')), true],
    ['another folder', withDir(text('D:\\Tool')), false],
    ['a number', withDir(number(1)), false],
    ['no value', facts, false],
  ];
  for (const [name, on, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, on), expected));
  }

  test('in a loop: the folder of each key', () => {
    const loop: Rule = {
      kind: 'RegKeyLoop',
      key: 'HKEY_LOCAL_MACHINE',
      subkey: 'SOFTWARE\\Tools',
      regType32: false,
      trueIf: 'Any',
      rule: { ...rule, key: 'HKEY_LOOP_TARGET', subkey: '\\' },
    };
    const on = {
      ...facts,
      registry64: {
        'SOFTWARE\\Tools\\A': {},
        'SOFTWARE\\Tools\\B': { Dir: text('C:\\Program Files\\Tool') },
      },
    };
    assert.equal(truthOf(loop, on), true);
    assert.equal(
      truthOf({ ...rule, key: 'HKEY_LOOP_TARGET', subkey: '\\' }, on),
      'unknown',
      'outside of a loop',
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Rule, ScalarComparison } from '../../../src/core/applicability.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import type { Machine, RegistryKey, RegistryValue } from '../../../src/core/machine.js';
import { machineOf, text } from '../machines.js';

const PARENT = 'SOFTWARE\\Vendor';
const answer = (rule: Rule, on: Machine) => {
  const { value, unknown } = evaluateRule(rule, on);
  return { value, unknown };
};
const and = (...rules: readonly Rule[]): Rule => ({ kind: 'And', rules });
const or = (...rules: readonly Rule[]): Rule => ({ kind: 'Or', rules });
const not = (rule: Rule): Rule => ({ kind: 'Not', rule });

type Place = { readonly key: 'HKEY_LOCAL_MACHINE' | 'HKEY_LOOP_TARGET'; readonly subkey: string };
const versionAt = (place: Place, regType32: boolean, comparison: ScalarComparison, data: string): Rule => ({
  kind: 'RegSzToVersion',
  ...place,
  regType32,
  value: 'V',
  comparison,
  data,
});
const absolute = (name: string): Place => ({ key: 'HKEY_LOCAL_MACHINE', subkey: `${PARENT}\\${name}` });

const part = fc.integer({ min: 0, max: 99_999 });
const version = fc.tuple(part, part, part, part);
const dotted = (parts: readonly number[]) => parts.join('.');
const COMPARISONS = [
  'LessThan',
  'LessThanOrEqualTo',
  'EqualTo',
  'GreaterThanOrEqualTo',
  'GreaterThan',
] as const;
const comparison = fc.constantFrom(...COMPARISONS);
/** Known, missing, and of no documented answer. */
const stored = fc.oneof(
  version.map((parts): RegistryKey => ({ V: text(dotted(parts)) })),
  fc.constant<RegistryKey>({}),
  fc
    .constantFrom<RegistryValue>(text('1.2b'), { type: 'REG_DWORD', value: 1 })
    .map((V): RegistryKey => ({ V })),
);
const keys = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), stored, { maxKeys: 5 });
const inView = (hive: Readonly<Record<string, RegistryKey>>) =>
  Object.fromEntries(Object.entries(hive).map(([name, values]) => [`${PARENT}\\${name}`, values]));

describe('laws of the rules', () => {
  const leaf = fc
    .tuple(fc.stringMatching(/^[a-z]$/), comparison, version)
    .map(([name, how, data]) => versionAt(absolute(name), false, how, dotted(data)));
  const machine = keys.map((hive) => machineOf({ registry64: inView(hive) }));

  test('De Morgan, also of what is not known', () => {
    fc.assert(
      fc.property(machine, fc.array(leaf, { minLength: 1, maxLength: 4 }), (on, rules) => {
        assert.deepEqual(answer(not(and(...rules)), on), answer(or(...rules.map(not)), on));
        assert.deepEqual(answer(not(or(...rules)), on), answer(and(...rules.map(not)), on));
      }),
    );
  });

  test('And and Or do not look at the order', () => {
    fc.assert(
      fc.property(machine, fc.array(leaf, { maxLength: 4 }), (on, rules) => {
        const reversed = rules.toReversed();
        assert.deepEqual(answer(and(...rules), on), answer(and(...reversed), on));
        assert.deepEqual(answer(or(...rules), on), answer(or(...reversed), on));
      }),
    );
  });

  test('a version is below, equal or above, and the five comparisons agree', () => {
    fc.assert(
      fc.property(version, version, (have, want) => {
        const on = machineOf({ registry64: { [`${PARENT}\\a`]: { V: text(dotted(have)) } } });
        const is = (how: ScalarComparison) =>
          answer(versionAt(absolute('a'), false, how, dotted(want)), on).value;
        assert.equal([is('LessThan'), is('EqualTo'), is('GreaterThan')].filter(Boolean).length, 1);
        assert.equal(is('LessThanOrEqualTo'), is('LessThan') || is('EqualTo'));
        assert.equal(is('GreaterThanOrEqualTo'), !is('LessThan'));
      }),
    );
  });

  test('a higher part never makes a version lower', () => {
    fc.assert(
      fc.property(version, version, fc.nat(3), (have, want, index) => {
        const raised = have.map((one, at) => (at === index ? Math.min(99_999, one + 1) : one));
        const rule = versionAt(absolute('a'), false, 'GreaterThanOrEqualTo', dotted(want));
        const on = (parts: readonly number[]) =>
          machineOf({ registry64: { [`${PARENT}\\a`]: { V: text(dotted(parts)) } } });
        assert.ok(!answer(rule, on(have)).value || answer(rule, on(raised)).value);
      }),
    );
  });

  test('a loop is Or, And or Not Or of its rule at every key', () => {
    fc.assert(
      fc.property(keys, comparison, version, (hive, how, data) => {
        const on = machineOf({ registry64: { ...inView(hive), [PARENT]: {} } });
        const loop = (trueIf: 'Any' | 'All' | 'None'): Rule => ({
          kind: 'RegKeyLoop',
          key: 'HKEY_LOCAL_MACHINE',
          subkey: PARENT,
          regType32: false,
          trueIf,
          rule: versionAt({ key: 'HKEY_LOOP_TARGET', subkey: '\\' }, false, how, dotted(data)),
        });
        const each = Object.keys(hive).map((name) => versionAt(absolute(name), false, how, dotted(data)));
        assert.deepEqual(answer(loop('Any'), on), answer(or(...each), on));
        assert.deepEqual(answer(loop('None'), on), answer(not(or(...each)), on));
        // Over no key at all `All` is false, which And is not: the careful answer.
        if (each.length > 0) assert.deepEqual(answer(loop('All'), on), answer(and(...each), on));
      }),
    );
  });

  test('the two views are alike: what is said of one holds of the other with RegType32', () => {
    fc.assert(
      fc.property(keys, leaf, (hive, rule) => {
        assert.ok(rule.kind === 'RegSzToVersion');
        const in64 = answer(rule, machineOf({ registry64: inView(hive) }));
        const in32 = answer({ ...rule, regType32: true }, machineOf({ registry32: inView(hive) }));
        const throughNode = answer(
          { ...rule, subkey: rule.subkey.replace('SOFTWARE', 'SOFTWARE\\Wow6432Node') },
          machineOf({ registry32: inView(hive) }),
        );
        assert.deepEqual(in32, in64);
        assert.deepEqual(throughNode, in64);
      }),
    );
  });
});

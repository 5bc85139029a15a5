import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Rule } from '../../src/core/applicability.js';
import { evaluateRule, evaluateUpdate, mergeRules } from '../../src/core/evaluate.js';
import { machineOf, text } from './machines.js';

const machine = machineOf();
const TRUE: Rule = { kind: 'True' };
const FALSE: Rule = { kind: 'False' };
/** Nothing on a machine answers it. */
const UNKNOWN: Rule = { kind: 'InstalledOnce' };

type Truth = 'yes' | 'no' | 'unknown';
const truthOf = (rule: Rule, on = machine): Truth => {
  const { value, unknown } = evaluateRule(rule, on);
  assert.equal(value && unknown, false, 'what is not known is never true');
  return unknown ? 'unknown' : value ? 'yes' : 'no';
};
const and = (...rules: Rule[]): Rule => ({ kind: 'And', rules });
const or = (...rules: Rule[]): Rule => ({ kind: 'Or', rules });
const not = (rule: Rule): Rule => ({ kind: 'Not', rule });

describe('three-valued logic', () => {
  const table: readonly [name: string, rule: Rule, expected: Truth][] = [
    ['True', TRUE, 'yes'],
    ['False', FALSE, 'no'],
    ['not known', UNKNOWN, 'unknown'],
    ['And of none', and(), 'yes'],
    ['Or of none', or(), 'no'],
    ['And is surely false as soon as one part is', and(UNKNOWN, FALSE), 'no'],
    ['And of true and not known', and(TRUE, UNKNOWN), 'unknown'],
    ['Or is surely true as soon as one part is', or(UNKNOWN, TRUE), 'yes'],
    ['Or of false and not known', or(FALSE, UNKNOWN), 'unknown'],
    ['Not of true', not(TRUE), 'no'],
    ['Not of false', not(FALSE), 'yes'],
    ['a negation makes no truth out of the unknown', not(UNKNOWN), 'unknown'],
    ['nor does a double one', not(not(UNKNOWN)), 'unknown'],
    ['a rule of another language', { kind: 'Unrecognised', name: 'LicenseDword', attributes: {} }, 'unknown'],
  ];
  for (const [name, rule, expected] of table) test(name, () => assert.equal(truthOf(rule), expected));

  test('is that of Kleene, at any depth', () => {
    const { tree } = fc.letrec<{ tree: Rule }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(TRUE, FALSE, UNKNOWN),
        tie('tree').map(not),
        fc.array(tie('tree'), { maxLength: 4 }).map((rules) => and(...rules)),
        fc.array(tie('tree'), { maxLength: 4 }).map((rules) => or(...rules)),
      ),
    }));
    const rank = { no: 0, unknown: 1, yes: 2 } as const;
    const kleene = (rule: Rule): number => {
      switch (rule.kind) {
        case 'And':
          return Math.min(2, ...rule.rules.map(kleene));
        case 'Or':
          return Math.max(0, ...rule.rules.map(kleene));
        case 'Not':
          return 2 - kleene(rule.rule);
        default:
          return rule.kind === 'True' ? 2 : rule.kind === 'False' ? 0 : 1;
      }
    };
    fc.assert(fc.property(tree, (rule) => assert.equal(rank[truthOf(rule)], kleene(rule))));
  });
});

const KEY = 'SOFTWARE\\Things';
const withThings = (...names: readonly string[]) =>
  machineOf({
    registry64: Object.fromEntries(names.map((name) => [`${KEY}\\${name}`, { Name: text(name) }])),
  });
const loop = (trueIf: 'Any' | 'All' | 'None', rule: Rule, subkey = KEY): Rule => ({
  kind: 'RegKeyLoop',
  key: 'HKEY_LOCAL_MACHINE',
  subkey,
  regType32: false,
  trueIf,
  rule,
});
const isNamed = (data: string): Rule => ({
  kind: 'RegSz',
  key: 'HKEY_LOOP_TARGET',
  subkey: '\\',
  regType32: false,
  value: 'Name',
  comparison: 'EqualTo',
  data,
});

describe('a loop over keys', () => {
  const table: readonly [keys: readonly string[], any: Truth, all: Truth, none: Truth][] = [
    [[], 'no', 'no', 'yes'],
    [['a'], 'yes', 'yes', 'no'],
    [['b'], 'no', 'no', 'yes'],
    [['a', 'b'], 'yes', 'no', 'no'],
    [['b', 'c'], 'no', 'no', 'yes'],
    // Differs by case only: not known.
    [['A'], 'unknown', 'unknown', 'unknown'],
    [['A', 'b'], 'unknown', 'no', 'unknown'],
    [['x', 'A'], 'unknown', 'no', 'unknown'],
  ];
  for (const [keys, any, all, none] of table) {
    test(`over ${keys.join(', ') || 'nothing'}: any ${any}, all ${all}, none ${none}`, () => {
      const on = withThings(...keys);
      assert.deepEqual(
        (['Any', 'All', 'None'] as const).map((trueIf) => truthOf(loop(trueIf, isNamed('a')), on)),
        [any, all, none],
      );
    });
  }

  test('sees one level of keys, each by its own name', () => {
    const on = machineOf({ registry64: { [`${KEY}\\One\\Deep`]: { Name: text('a') }, [`${KEY}\\Two`]: {} } });
    const { trace } = evaluateRule(loop('Any', isNamed('a')), on);
    assert.equal(trace.value, false);
    assert.deepEqual(
      trace.children.map((child) => child.target),
      [`${KEY}\\One`, `${KEY}\\Two`],
    );
    assert.equal(trace.found, '2 sub-keys');
  });

  test('in a loop visits the keys of the target', () => {
    const inner: Rule = {
      kind: 'RegKeyLoop',
      key: 'HKEY_LOOP_TARGET',
      subkey: '\\',
      regType32: false,
      trueIf: 'Any',
      rule: isNamed('a'),
    };
    const on = machineOf({ registry64: { [`${KEY}\\One\\Deep`]: { Name: text('a') } } });
    assert.equal(truthOf(loop('Any', inner), on), 'yes');
    assert.equal(truthOf(inner, on), 'unknown', 'without a target there is nothing to visit');
  });

  test('the target outside of a loop is not known', () => {
    assert.equal(truthOf(isNamed('a'), withThings('a')), 'unknown');
  });
});

describe('the state of an update', () => {
  const table: readonly [
    isInstalled: Rule | null,
    isSuperseded: Rule | null,
    isInstallable: Rule | null,
    state: string,
    unknown: boolean,
  ][] = [
    [TRUE, null, TRUE, 'installed', false],
    [TRUE, TRUE, FALSE, 'installed', false],
    [TRUE, UNKNOWN, UNKNOWN, 'installed', false],
    [FALSE, null, TRUE, 'required', false],
    [null, null, TRUE, 'required', false],
    [FALSE, FALSE, TRUE, 'required', false],
    [FALSE, TRUE, TRUE, 'notApplicable', false],
    [FALSE, null, FALSE, 'notApplicable', false],
    [FALSE, null, null, 'notApplicable', false],
    [null, null, null, 'notApplicable', false],
    [UNKNOWN, null, TRUE, 'notApplicable', true],
    [UNKNOWN, null, FALSE, 'notApplicable', true],
    [FALSE, UNKNOWN, TRUE, 'notApplicable', true],
    [FALSE, UNKNOWN, FALSE, 'notApplicable', false],
    [FALSE, null, UNKNOWN, 'notApplicable', true],
    [FALSE, TRUE, UNKNOWN, 'notApplicable', false],
  ];
  for (const [isInstalled, isSuperseded, isInstallable, state, unknown] of table) {
    const name = [isInstalled, isSuperseded, isInstallable].map((rule) => rule?.kind ?? 'none').join(', ');
    test(`${name}: ${state}${unknown ? ', in doubt' : ''}`, () => {
      const found = evaluateUpdate({ isInstalled, isSuperseded, isInstallable }, machine);
      assert.deepEqual([found.state, found.unknown], [state, unknown]);
    });
  }

  test('keeps the traces, with null for a rule that is missing', () => {
    const { trace } = evaluateUpdate(
      { isInstalled: and(TRUE, FALSE), isSuperseded: null, isInstallable: TRUE },
      machine,
    );
    assert.equal(trace.isSuperseded, null);
    assert.deepEqual(
      trace.isInstalled?.children.map((child) => [child.kind, child.value]),
      [
        ['True', true],
        ['False', false],
      ],
    );
  });
});

describe('rules of package and item together', () => {
  const item = { isInstalled: FALSE, isSuperseded: TRUE, isInstallable: UNKNOWN };
  test('are and-ed, package first', () => {
    assert.deepEqual(mergeRules({ isInstalled: TRUE, isInstallable: null }, item), {
      isInstalled: and(TRUE, FALSE),
      isSuperseded: TRUE,
      isInstallable: UNKNOWN,
    });
  });
  test("where the item has none, the package's stands", () => {
    const none = { isInstalled: null, isSuperseded: null, isInstallable: null };
    assert.deepEqual(mergeRules({ isInstalled: null, isInstallable: TRUE }, none), {
      ...none,
      isInstallable: TRUE,
    });
  });
});

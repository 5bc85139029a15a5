import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VersionScheme } from '../../../src/core/ports.js';
import { looksLikePrerelease, schemeFor, versionSchemes } from '../../../src/core/versions/index.js';

function scheme(name: string): VersionScheme {
  const found = versionSchemes.get(name);
  assert.ok(found, name);
  return found;
}

/** Texts near to versions, and anything at all. */
const number = fc.oneof(fc.nat(3), fc.nat(120).map(String), fc.constantFrom('00', '007', '20260611'));
const dotted = fc.array(number, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
const tail = fc.constantFrom(
  '',
  'a',
  'k',
  'rc1',
  '-rc.2',
  '-beta',
  '+7',
  '+8',
  'u452-b09',
  '-1',
  '_2',
  '.0',
  '.0.0',
  '@153.0',
  '.windows.3',
  '.ge94a76a2',
  'esr',
);
const anyText = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'v', 'V', 'r', 'py', 'jdk-', '1:', 'beta-'), dotted, tail)
    .map((parts) => parts.join('')),
  fc.tuple(fc.integer({ min: 1969, max: 2100 }), fc.nat(14), fc.nat(33)).map((parts) => parts.join('-')),
  fc.string({ maxLength: 8 }),
);

for (const { name, compare, isVersion, toFourParts } of versionSchemes.values()) {
  test(`${name}: the order is total`, () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (a, b, c) => {
        assert.equal(compare(a, a), 0);
        assert.equal(Math.sign(compare(a, b)) + Math.sign(compare(b, a)), 0);
        const [low, middle, high] = [a, b, c].sort(compare);
        assert.ok(compare(low ?? '', high ?? '') <= 0);
        // Equal texts stand at the same place to everything else.
        if (compare(low ?? '', middle ?? '') === 0)
          assert.equal(
            Math.sign(compare(low ?? '', high ?? '')),
            Math.sign(compare(middle ?? '', high ?? '')),
          );
      }),
      { numRuns: 600 },
    );
  });

  test(`${name}: what it does not know is below all that it does`, () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        if (isVersion(a) && !isVersion(b)) assert.ok(compare(a, b) > 0);
      }),
    );
  });

  test(`${name}: four parts are four numbers of at most five digits, in the same order`, () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const [left, right] = [toFourParts(a), toFourParts(b)];
        if (left !== null) {
          assert.match(left, /^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){3}$/);
          assert.ok(isVersion(a));
        }
        if (left !== null && right !== null)
          assert.equal(Math.sign(compare(a, b)), Math.sign(scheme('numeric').compare(left, right)));
      }),
    );
  });

  test(`${name}: a very long text is no version`, () => {
    const long = `1${'.1'.repeat(5000)}`;
    assert.equal(isVersion(long), false);
    assert.equal(toFourParts(long), null);
    assert.ok(compare(long, '2026.01.01') !== 0);
  });
}

/** Each list from old to new. */
const ORDERED: readonly (readonly [string, readonly string[]])[] = [
  [
    'numeric',
    ['nonsense', '0.9', '1.2', '1.10', '24.09', '26.02', '120.0.6099.109', '120.0.6099.110', '20260611'],
  ],
  ['numeric', ['99999999999999999999', '99999999999999999999.1', '100000000000000000000']],
  [
    'semver',
    ['1.2', '17.0.0-beta', '17.0.0-rc.2', '17.0.0-rc.10', '17.0.0', '17.0.0+7', '17.0.0+8', '17.0.1'],
  ],
  ['letters', ['1.0.2rc1', '1.0.2', '1.0.2a', '1.0.2k', '1.0.2z', '1.0.2za', '1.0.2.1', '1.1.0']],
  ['letters', ['8u442-b10', '8u452-b08', '8u452-b09', '21.0.3b465.3', '6000.0.31f1', '6000.0.32f1']],
  ['letters', ['16.0.2', '16.0.2+7', '16.0.2+8', '16.0.2+10', '16.0.3+1']],
  ['letters', ['2.54.0.windows.3', '2.55.0.windows.1', '2.55.0.windows.3', '2.55.0.2']],
  ['letters', ['115.10.1esr', '115.11.0', '115.11.0esr', '128.0esr']],
  ['letters', ['1.2.96.500.gffffffff', '1.2.97.270.ge94a76a2', '1.2.98.1.g00000000']],
  ['letters', ['jdk-21.0.8+12', 'jdk-21.0.9+9_openj9-0.55.0', 'jdk-21.0.9+11', '22']],
  ['letters', ['nightly-1', '7.0.0-beta.2', '7.0.0-beta.10', '7.0.0', '1:0.9', '2:0.1']],
  ['letters', ['py313_25.3.1-1', 'py314_26.5.3-1', 'py314_26.5.3-2']],
  ['date', ['2026.07.0+300', '2026.08.1', '2026.08.1+195', '2026.08.1+1950']],
  ['numeric', ['r9', 'r664', 'r665', 'v1000', 'V.1001.2', '1001.2.3.4.5.6', '1001.2.3.4.5.7']],
  [
    'date',
    ['1.2.3', '2026-05-31', '2026.06', '2026.06-1', '2026-06-11', '20260611-2', '2026-06-12', '2027.01.01'],
  ],
];

for (const [name, texts] of ORDERED) {
  test(`${name}: ${texts.join(' < ')}`, () => {
    const { compare } = scheme(name);
    assert.deepEqual([...texts].reverse().sort(compare), texts);
    for (const [at, text] of texts.entries())
      for (const later of texts.slice(at + 1)) assert.ok(compare(text, later) < 0, `${text} < ${later}`);
  });
}

test('equal versions under different spellings', () => {
  const equal: readonly (readonly [string, string, string])[] = [
    ['numeric', '1.2', '1.2.0'],
    ['numeric', '26.02', '26.2.0.0'],
    ['numeric', 'v7', '7.0'],
    ['semver', 'v1.2.3', '1.2.3'],
    ['letters', '1.0.2K', '1.0.2k'],
    ['letters', 'v1.0', '1.0.0'],
    ['date', '20260611', '2026-06-11'],
    ['numeric', 'r665', '665'],
    ['letters', 'jdk-21.0.9+11', '21.0.9.11'],
    ['letters', '0:1.2', '1.2'],
  ];
  for (const [name, a, b] of equal) assert.equal(scheme(name).compare(a, b), 0, `${name} ${a} ${b}`);
});

test('four parts', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['numeric', '26.02', '26.2.0.0'],
    ['numeric', 'v0.85', '0.85.0.0'],
    ['numeric', '151.0.7922.174', '151.0.7922.174'],
    ['numeric', '1.2.3.4.0', '1.2.3.4'],
    ['numeric', '1.2.3.4.5', null],
    ['numeric', '20260611', null],
    ['numeric', '000000001.2', '1.2.0.0'],
    ['numeric', '1.99999', '1.99999.0.0'],
    ['numeric', '1.100000', null],
    ['numeric', 'r665', '665.0.0.0'],
    ['letters', '16.0.2+7', null],
    ['date', '2026.08.1+195', null],
    ['semver', '26.7.0', '26.7.0.0'],
    ['semver', '26.7.0-rc.1', null],
    ['semver', '16.0.2+7', null],
    ['letters', '1.0.2k', null],
    ['letters', '1.0.2', '1.0.2.0'],
    ['date', '2026.07.01', '2026.7.1.0'],
    ['date', '2026-07-01', null],
    ['date', '20260701', null],
  ];
  for (const [name, text, expected] of cases)
    assert.equal(scheme(name).toFourParts(text), expected, `${name} ${text}`);
});

test('what is a version', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['numeric', '1.2k', false],
    ['numeric', '1..2', false],
    ['numeric', ' 1.2', false],
    ['numeric', '', false],
    ['semver', '1.2', false],
    ['semver', ' 1.2.3', false],
    ['semver', '1.2.3-rc.1', true],
    ['letters', 'latest', false],
    ['letters', '1.0 beta', false],
    ['letters', '1:', false],
    ['letters', '1.0.0::r8', false],
    ['letters', '12.16.4@153.0', true],
    ['numeric', 'version', false],
    ['numeric', 'rv1', false],
    ['letters', '1.2.97.270.ge94a76a2', true],
    ['date', '2026-13-01', false],
    ['date', '20261301', false],
    ['date', '2026-06-32', false],
    ['date', '26.02', false],
  ];
  for (const [name, text, expected] of cases)
    assert.equal(scheme(name).isVersion(text), expected, `${name} ${JSON.stringify(text)}`);
});

test('the plainest scheme that orders a history, newest first', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['numeric', []],
    ['numeric', ['26.02', '25.01', '24.09']],
    ['numeric', ['21.0.12.9.1', 'v21.0.11', '21.0.11.0']],
    ['numeric', ['20260611', '20260322']],
    ['letters', ['1.1.0', '1.0.2k', '1.0.2']],
    ['letters', ['0.4.21-2', '0.4.21-1', '0.4.20']],
    ['letters', ['2026.08.1+195', '2026.07.0+300']],
    ['letters', ['1.0.0', '1.0.0-rc.2', '0.9.0']],
    ['date', ['2026-06-12', '20260611', '2026-06-10']],
    ['semver', ['1.0.0-alpha.beta', '1.0.0-alpha.1']],
    // What nobody can read does not decide for the others.
    ['numeric', ['6.1', '6.0 patchlevel 4', '6.0']],
  ];
  for (const [expected, versions] of cases) assert.equal(schemeFor(versions), expected, versions.join(' '));
});

test('what looks like a prerelease', () => {
  for (const text of ['7.0.0-beta.2', '1.0rc1', '26-ea+3', 'nightly-9be', '2.0-Preview.9', '4.0.0.dev10'])
    assert.equal(looksLikePrerelease(text), true, text);
  for (const text of [
    '1.0.2b',
    '115.11.0esr',
    '2.55.0.windows.3',
    'r665',
    '1.2.97.270.ge94a76a2',
    'alphabet-1',
  ])
    assert.equal(looksLikePrerelease(text), false, text);
});

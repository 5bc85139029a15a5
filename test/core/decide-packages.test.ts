import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  contentWishFor,
  decide,
  type GateFacts,
  matchesGlob,
  matchesText,
  type Policy,
} from '../../src/core/decide.js';
import { type PersonWord, parseWord, selectWord, wordSetting } from '../../src/core/word.js';

type Facts = GateFacts['packages'];
const NOW = new Date('2026-11-24T10:00:00.000Z');

const facts: Facts = {
  productId: 'PuTTY.PuTTY',
  vendor: 'Simon Tatham',
  tier: 'A',
  detection: 'msi-tables',
  evidenceRows: 1,
  releasedAt: '2026-11-23T10:00:00.000Z',
  askedFor: false,
  word: null,
};
const wordOf = (verdict: PersonWord['verdict']): PersonWord => ({
  verdict,
  by: 'ada',
  at: '2026-11-24T09:00:00.000Z',
  reason: 'crashes at start',
});
const policyOf = (publish: 'automatic' | 'approval' | 'never', more: Partial<Policy> = {}): Policy => ({
  rules: [{ products: ['*'], publish }],
  signers: [],
  ...more,
});
const automatic = policyOf('automatic');

describe('may this update be published?', () => {
  const table: readonly [
    name: string,
    facts: Partial<Facts>,
    policy: Policy,
    verdict: 'go' | 'hold',
    code: string | null,
    reason: RegExp,
  ][] = [
    ['the policy publishes by itself', {}, automatic, 'go', null, /by itself/],
    ['tier B too', { tier: 'B' }, automatic, 'go', null, /by itself/],
    ['stated evidence', { detection: 'stated' }, automatic, 'go', null, /by itself/],
    [
      'an inferred name is never evidence',
      { detection: 'inferred' },
      automatic,
      'hold',
      'detection-inferred',
      /inferred/,
    ],
    [
      'nor when a person asks',
      { detection: 'inferred', askedFor: true },
      automatic,
      'hold',
      'detection-inferred',
      /inferred/,
    ],
    [
      'copies are known by something else than before',
      { identity: { found: 'key "B"', known: 'key "A"' } },
      automatic,
      'hold',
      'detection-changed',
      /known by key "B", until now by key "A"/,
    ],
    [
      'copies are known by the same as before',
      { identity: { found: 'key "A"', known: 'key "A"' } },
      automatic,
      'go',
      null,
      /by itself/,
    ],
    ['no row is proven', { evidenceRows: 0 }, automatic, 'hold', 'detection-inferred', /nothing proves/],
    ['tier C is known only', { tier: 'C' }, automatic, 'hold', 'policy', /tier C/],
    ['tier C when a person asks', { tier: 'C', askedFor: true }, automatic, 'hold', 'policy', /tier C/],
    ['never', {}, policyOf('never'), 'hold', 'policy', /never published/],
    ['never, when a person asks', { askedFor: true }, policyOf('never'), 'hold', 'policy', /never published/],
    ['approval', {}, policyOf('approval'), 'hold', 'policy', /a person's yes/],
    ['approval, and a person asked', { askedFor: true }, policyOf('approval'), 'go', null, /a person asked/],
    [
      'held by a person',
      { word: wordOf('hold') },
      automatic,
      'hold',
      'held-by-person',
      /ada: crashes at start/,
    ],
    [
      'held, also when a person asks for it',
      { word: wordOf('hold'), askedFor: true },
      automatic,
      'hold',
      'held-by-person',
      /held by ada/,
    ],
    ['rolled back', { word: wordOf('block') }, automatic, 'hold', 'held-by-person', /rolled back by ada/],
    ['approved', { word: wordOf('approve') }, policyOf('approval'), 'go', null, /ada approved it/],
    [
      'approved, but never',
      { word: wordOf('approve') },
      policyOf('never'),
      'hold',
      'policy',
      /never published/,
    ],
    [
      'approved, but inferred',
      { word: wordOf('approve'), detection: 'inferred' },
      automatic,
      'hold',
      'detection-inferred',
      /inferred/,
    ],
    [
      'approved before the policy would have waited long enough',
      { word: wordOf('approve') },
      policyOf('automatic', { delayHours: 1000 }),
      'go',
      null,
      /ada approved it/,
    ],
    ['no rule names it', {}, { rules: [], signers: [] }, 'hold', 'policy', /a person's yes/],
    [
      'no rule names it, and a person asked',
      { askedFor: true },
      { rules: [], signers: [] },
      'go',
      null,
      /a person asked/,
    ],
    ['a delay that is over', {}, { ...automatic, delayHours: 24 }, 'go', null, /by itself/],
    ['a delay', {}, { ...automatic, delayHours: 24.5 }, 'hold', null, /waits 24\.5 hours/],
    [
      'a delay, and a person asked',
      { askedFor: true },
      { ...automatic, delayHours: 48 },
      'go',
      null,
      /a person asked/,
    ],
    ['no delay and no time', { releasedAt: '' }, automatic, 'go', null, /by itself/],
    [
      'a delay and no time',
      { releasedAt: '' },
      { ...automatic, delayHours: 1 },
      'hold',
      'policy',
      /not known/,
    ],
    ['a delay past all time', {}, { ...automatic, delayHours: 1e300 }, 'hold', 'policy', /not known/],
  ];
  for (const [name, change, policy, verdict, code, reason] of table) {
    test(name, () => {
      const decision = decide('packages', { ...facts, ...change }, policy, NOW);
      assert.equal(decision.verdict, verdict);
      assert.equal(decision.code, code);
      assert.match(decision.reason, reason);
      assert.equal(decision.nextStep === '', verdict === 'go', 'a hold says what to do');
    });
  }

  test('a delay says until when', () => {
    const { until } = decide('packages', facts, { ...automatic, delayHours: 25 }, NOW);
    assert.deepEqual(until, new Date('2026-11-24T11:00:00.000Z'));
  });

  test('the first rule that names product and vendor decides', () => {
    const policy: Policy = {
      rules: [
        { products: ['PuTTY.*'], vendors: ['Somebody else'], publish: 'never' },
        { products: ['Other.*', 'putty.p*'], vendors: ['simon*'], publish: 'automatic' },
        { products: ['*'], publish: 'never' },
      ],
      signers: [],
    };
    assert.equal(decide('packages', facts, policy, NOW).verdict, 'go');
    assert.equal(decide('packages', { ...facts, vendor: 'Eve' }, policy, NOW).verdict, 'hold');
    assert.equal(decide('packages', { ...facts, productId: 'PuTTY.Other' }, policy, NOW).verdict, 'hold');
  });
});

describe('a glob', () => {
  const table: readonly [glob: string, text: string, matches: boolean][] = [
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'a', false],
    ['a', 'A', true],
    ['a', 'ab', false],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'acb', false],
    ['a**c', 'abc', true],
    ['*b*b*', 'b', false],
    ['*b*b*', 'bb', true],
    ['a.c', 'abc', false],
    ['a?c', 'abc', false],
    ['[a-z]', 'b', false],
  ];
  for (const [glob, text, matches] of table) {
    test(`${glob || 'empty'} and ${text || 'empty'}: ${matches}`, () =>
      assert.equal(matchesGlob(glob, text), matches));
  }

  test('means what the regular expression of its parts means', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 9 });
    fc.assert(
      fc.property(word, text, (glob, subject) => {
        const pattern = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        assert.equal(matchesGlob(glob, subject), pattern.test(subject), `${glob} on ${subject}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a text match', () => {
  const subject = 'CN=Igor Pavlov, C=RU';
  const table: readonly [Parameters<typeof matchesText>[0], boolean][] = [
    [{}, false],
    [{ equalTo: subject }, true],
    [{ equalTo: 'cn=igor pavlov, c=ru' }, false],
    [{ beginsWith: 'CN=Igor Pavlov,' }, true],
    [{ endsWith: 'C=RU' }, true],
    [{ beginsWith: 'CN=Igor', endsWith: 'C=US' }, false],
    [{ beginsWith: 'CN=Igor', endsWith: 'C=RU' }, true],
    [{ equalTo: subject, beginsWith: 'CN=Eve' }, false],
  ];
  for (const [match, expected] of table) {
    test(`${JSON.stringify(match)}: ${expected}`, () => assert.equal(matchesText(match, subject), expected));
  }
});

describe('which word of a person counts', () => {
  const early = (verdict: PersonWord['verdict']): PersonWord => ({
    ...wordOf(verdict),
    at: '2026-11-01T00:00:00.000Z',
  });
  const late = wordOf;
  const table: readonly [string, PersonWord | null, PersonWord | null, string | null][] = [
    ['none', null, null, null],
    ['a hold of the product', null, late('hold'), 'hold'],
    ['a lifted hold of the product', null, late('approve'), null],
    ['a hold of the version', early('hold'), null, 'hold'],
    ['a hold of the version is not lifted by a yes to the product', early('hold'), late('approve'), 'hold'],
    ['a yes to the version', late('approve'), null, 'approve'],
    ['a yes to the version after a hold of the product', late('approve'), early('hold'), 'approve'],
    ['a hold of the product after a yes to the version', early('approve'), late('hold'), 'hold'],
    ['a block stands', early('block'), late('approve'), 'block'],
  ];
  for (const [name, ofVersion, ofProduct, verdict] of table) {
    test(name, () => assert.equal(selectWord(ofVersion, ofProduct)?.verdict ?? null, verdict));
  }

  test('a setting that is no word is none; names cannot meet', () => {
    assert.deepEqual(parseWord(JSON.stringify(late('hold'))), late('hold'));
    for (const text of [null, '{}', '[]', 'null', '{"verdict":"maybe","by":"a","at":"b","reason":"c"}']) {
      assert.equal(parseWord(text), null);
    }
    assert.notEqual(wordSetting('a', 'b","c'), wordSetting('a","b', 'c'));
    assert.notEqual(wordSetting('a', null), wordSetting('a', 'null'));
  });
});

test('what of an update is published is said by the rule that decides about its product', () => {
  const rules = [
    { products: ['Igor.*'], publish: 'automatic', content: 'metadata' },
    { products: ['*'], vendors: ['Contoso'], publish: 'automatic', content: 'metadata' },
    { products: ['*'], publish: 'automatic' },
  ] as const;
  const wish = (id: string, vendor: string) => contentWishFor({ id, vendor }, { rules, signers: [] });
  assert.deepEqual(
    [wish('Igor.7zip', 'Igor'), wish('A.B', 'Contoso'), wish('A.B', 'Fabrikam')],
    ['metadata', 'metadata', 'full'],
  );
});

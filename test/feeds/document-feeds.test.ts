import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../src/core/errors.js';
import { feedReaders } from '../../src/feeds/index.js';
import { compileJsonPath } from '../../src/text/json-path/index.js';
import { compileXPath } from '../../src/text/xpath/index.js';
import { answerOf, read, schemeOf } from './answers.js';

const INI =
  '; comment\nOther=9\n[App.Win]\nVersion = "1.2"\nUrl=https://vendor.test/a-1.2.exe\n[Mac]\nVersion=3.0\n';
const TABLE = `<table><tr><th>App<th>Version<tr><td>App<td>5.1 (stable)<td><a href="/a-5.1.exe">x</a></table>`;
const CASES: readonly (readonly [string, object, string, string])[] = [
  ['ini', { key: 'App.Win.Version' }, INI, '1.2'],
  ['ini', { key: 'mac.version' }, INI, '3.0'],
  ['ini', { key: '_.Other' }, INI, '9'],
  ['key-value', { key: 'Version' }, 'Version: 2.5\nText: {\\rtf1\nVersion: 9\n', '2.5'],
  ['json', { path: '$.all[?(@.v >= 1.05)].v' }, '{"all":[{"v":1.0},{"v":1.10}]}', '1.10'],
  ['json', { path: '$.v', join: '.' }, '{"v":[1,10,2.50]}', '1.10.2.50'],
  ['json', { path: '$' }, '{"version":20260301123456789012}', '20260301123456789012'],
  ['html-embedded-json', { key: 'v' }, '<script>x = {"v":2.10};</script>', '2.10'],
  ['chrome-versionhistory', { path: '$.versions[0].version' }, '{"versions":[{"version":9.10}]}', '9.10'],
  ['yaml', { path: '$.version' }, 'version: 1.10\nbeta: true\n', '1.10'],
  ['html', { xpath: '//table/tr[2]/td[2]' }, TABLE, '5.1'],
  ['html', { xpath: '//table/tbody/tr[2]/td[2]' }, TABLE, '5.1'],
  ['html', { xpath: '//a[contains(@href, ".exe")]', pattern: 'a-([\\d.]+)\\.exe' }, TABLE, '5.1'],
  [
    'html-embedded-json',
    { path: '$.app.version' },
    '<script>x = {"a":1}; y = {"app":{"version":"7.1"}};</script>',
    '7.1',
  ],
  ['html-embedded-json', { pattern: 'cb_\\((.+)\\)' }, 'cb_({"d":{"version":"8.2N"}})', '8.2N'],
  ['xml', { xpath: '/[0]/enclosure/version' }, '<rss><item><enclosure version="4.1"/></item></rss>', '4.1'],
];
for (const [type, options, body, version] of CASES) {
  test(`${type} ${JSON.stringify(options)} finds ${version}`, () =>
    assert.equal(first(type, options, body), version));
}

test('a null says that there is no version; a path that leads nowhere is a fault', () => {
  const feed = { type: 'json', path: '$..v' };
  assert.deepEqual(read(feed, { v: null, w: { v: null } }), []);
  for (const body of [{ w: 1 }, { v: {} }, { v: '' }, { v: [null] }])
    assert.throws(() => read(feed, body), { code: 'feed.malformed' }, JSON.stringify(body));
});

test('any text is read or refused by every reader of documents', () => {
  const body = fc.oneof(fc.string({ maxLength: 200 }), fc.json(), fc.constantFrom(INI, TABLE, '<a/>'));
  fc.assert(
    fc.property(fc.constantFrom(...CASES), body, ([type, options], text) => {
      onlyPermanent(() => first(type, options, text));
    }),
    { numRuns: 500 },
  );
});

test('any expression is compiled or refused', () => {
  const piece = fc.constantFrom(
    '$',
    '.',
    '..',
    '[',
    ']',
    '*',
    '?',
    '(',
    ')',
    '@',
    "'a'",
    '1',
    '-',
    ':',
    ',',
    '/',
    '//',
    'a',
    '=',
    '|',
    '<',
    'and ',
    'last()',
    'not(',
    '::',
    '~',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      onlyPermanent(() => compileJsonPath(pieces.join('')).select({ a: [1, { a: 'b' }] }));
      onlyPermanent(() => compileXPath(pieces.join('')));
    }),
    { numRuns: 2000 },
  );
});

function first(type: string, options: object, body: string): string | undefined {
  return feedReaders.get(type)?.parse(answerOf(body), { ...options, type }, schemeOf('letters'))[0]?.version;
}

function onlyPermanent(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PermanentError, String(error));
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import { compilePattern } from '../../src/text/pattern.js';

test('groups by number and by name, in both spellings', () => {
  for (const source of ['^v(?P<version>\\d+)(x)?$', '^v(?<version>\\d+)(x)?$']) {
    const match = compilePattern(source).first('v26');
    assert.equal(match?.text, 'v26');
    assert.equal(match?.group(1), '26');
    assert.equal(match?.group('version'), '26');
    assert.equal(match?.group(2), null);
    assert.equal(match?.group(9), null);
    assert.equal(match?.group('other'), null);
  }
});

test('all matches, from left to right; none is null or empty', () => {
  const pattern = compilePattern('\\d+');
  assert.deepEqual(
    pattern.all('1 and 22, 333').map(({ text }) => text),
    ['1', '22', '333'],
  );
  assert.equal(pattern.first('none'), null);
  assert.deepEqual(pattern.all('none'), []);
  assert.equal(pattern.all('1 '.repeat(9000)).length, 5000);
});

test('remove takes away what matches, and case is ignored on demand', () => {
  assert.equal(compilePattern('-').remove('2026-06-11'), '20260611');
  assert.equal(compilePattern('WIN', { ignoreCase: true }).test('x-win64'), true);
  assert.equal(compilePattern('WIN').test('x-win64'), false);
});

test('a pattern that backtracking would hang on is done at once', () => {
  const pattern = compilePattern('^(a+)+$');
  assert.equal(pattern.test(`${'a'.repeat(50_000)}b`), false);
});

test('what RE2 does not know is a fault of the definition that says so', () => {
  for (const source of ['a(?!b)', '(\\d)\\1', '(', '[z-a]', 'a{2000}', 'x'.repeat(1001)]) {
    assert.throws(
      () => compilePattern(source),
      (error) => error instanceof PermanentError && error.code === 'definition.invalid',
      source,
    );
  }
});

test('a text beyond the limit is refused before it is searched', () => {
  assert.throws(
    () => compilePattern('a').test('a'.repeat(4_000_001)),
    (error) => error instanceof PermanentError && error.code === 'feed.malformed',
  );
});

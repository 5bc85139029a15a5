import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeFault, PermanentError, printable } from '../../src/core/errors.js';

const code = readFileSync('src/core/errors.ts', 'utf8');
const list = readFileSync('src/core/errors.md', 'utf8');

test('errors.md lists every code of errors.ts, and no other', () => {
  const union = (name: string): string[] => {
    const text = new RegExp(`export type ${name} =([^;]*);`).exec(code)?.[1] ?? '';
    return [...text.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');
  };
  const inCode = [...union('RetryableCode'), ...union('PermanentCode')].sort();
  const inList = [...list.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1] ?? '').sort();
  assert.ok(inCode.length > 20);
  assert.deepEqual(inList, inCode);
});

test('errors.md names every hold code', () => {
  const text = /export type HoldCode =([^;]*);/.exec(readFileSync('src/core/stage.ts', 'utf8'))?.[1] ?? '';
  const codes = [...text.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');
  assert.ok(codes.length > 5);
  for (const one of codes) assert.ok(list.includes(`\`${one}\``), one);
});

test('a described fault says what, where, expected, found and next, on one printable line', () => {
  const fault = new PermanentError('feed.malformed', 'not JSON', {
    where: 'https://a.test/x\n\u001b[31m',
    expected: 'JSON',
    found: '<html>\u202e',
    nextStep: 'look',
  });
  assert.equal(
    describeFault(fault),
    'feed.malformed: not JSON; where: https://a.test/x\\u{a}\\u{1b}[31m; expected: JSON; found: <html>\\u{202e}; next: look',
  );
});

test('printable cuts long text', () => {
  assert.equal(printable('a'.repeat(700)).length, 603);
});

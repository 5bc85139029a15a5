import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEED } from '../../src/net/faults.js';
import { retryAfterMs, statusFault } from '../../src/net/status.js';

const NOW = new Date('2026-11-24T12:00:00.000Z');

test('Retry-After is seconds or a date, at least nothing and at most a day', () => {
  const cases: readonly [string | undefined, number | null][] = [
    ['0', 0],
    ['120', 120_000],
    ['Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['-5', 0],
    ['soon', null],
    [undefined, null],
  ];
  for (const [value, expected] of cases) assert.equal(retryAfterMs(value, NOW), expected, value);
});

test("GitHub's rate limit is a pause until its reset", () => {
  const reset = String(NOW.getTime() / 1000 + 90);
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  const fault = statusFault(FEED, 'https://api.github.com/', 403, headers, NOW);
  assert.equal(fault.code, 'feed.busy');
  assert.equal((fault as { retryAfterMs?: number }).retryAfterMs, 90_000);
});

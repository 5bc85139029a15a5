import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForgettable } from '../../src/core/retention.js';

const NOW = new Date('2026-11-28T12:00:00.000Z');
const RULE = { days: 30, atLeast: 3 };

test('a revision is forgettable once the newest and the days do not ask for it', () => {
  const cases = [
    [7, '2026-10-29T11:59:59.999Z', true, 'replaced more than 30 days ago, three are newer'],
    [7, '2026-10-29T12:00:00.000Z', false, 'it stood 30 days ago'],
    [8, '2020-01-01T00:00:00.000Z', false, 'one of the three newest'],
  ] as const;
  for (const [number, stoodUntil, expected, why] of cases) {
    assert.equal(isForgettable({ number, stoodUntil }, 10, RULE, NOW), expected, why);
  }
  const latest = { number: 10, stoodUntil: '2020-01-01T00:00:00.000Z' };
  assert.equal(isForgettable(latest, 10, { days: 1, atLeast: 0 }, NOW), false, 'never the one that stands');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseInterval, INTERVALS_MINUTES, learnCadence } from '../../src/core/cadence.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);

/** Releases every `gapMs`, the last of them `sinceMs` ago. */
function rhythm(gapMs: number, sinceMs: number, count = 8): readonly Date[] {
  return Array.from({ length: count }, (_, n) => ago(sinceMs + n * gapMs));
}

test('how often a feed is asked, from when its vendor released', () => {
  const table: readonly (readonly [string, readonly Date[], number])[] = [
    ['nothing is known', [], 60],
    ['one release, an hour ago', [ago(HOUR_MS)], 15],
    ['one release, ten days ago', [ago(10 * DAY_MS)], 120],
    ['one release, two years ago', [ago(730 * DAY_MS)], 1440],
    ['monthly, three hours ago: a second one likes to follow', rhythm(28 * DAY_MS, 3 * HOUR_MS), 15],
    ['monthly, half way', rhythm(28 * DAY_MS, 14 * DAY_MS), 1440],
    ['monthly, expected today', rhythm(28 * DAY_MS, 28 * DAY_MS), 60],
    ['monthly, a day late and within the window', rhythm(28 * DAY_MS, 29 * DAY_MS), 60],
    ['monthly, one was left out, the next is due', rhythm(28 * DAY_MS, 56 * DAY_MS), 60],
    ['monthly, silent for half a year', rhythm(28 * DAY_MS, 182 * DAY_MS), 1440],
    ['weekly, expected today', rhythm(7 * DAY_MS, 7 * DAY_MS), 30],
    ['nightly, half way', rhythm(DAY_MS, 12 * HOUR_MS), 60],
    ['several builds of one day are one release', [ago(0), ago(HOUR_MS), ago(2 * HOUR_MS)], 15],
  ];
  for (const [title, releases, minutes] of table) {
    assert.equal(chooseInterval(releases, NOW), minutes, title);
  }
});

test('a rhythm is the median gap, whatever the order, and an outlier does not move it', () => {
  const steady = rhythm(7 * DAY_MS, DAY_MS);
  assert.equal(learnCadence(steady)?.gapMs, 7 * DAY_MS);
  const shuffled = [...steady.slice(3), ...steady.slice(0, 3), ago(400 * DAY_MS)];
  assert.deepEqual(learnCadence(shuffled)?.gapMs, 7 * DAY_MS);
  assert.equal(learnCadence(steady.slice(0, 2)), null);
});

test('whatever the vendor says, the interval is one of the steps and within the bounds', () => {
  const step = fc.constantFrom(...INTERVALS_MINUTES);
  const times = fc.array(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(times, step, step, (releases, one, other) => {
      const bounds = { shortestMinutes: Math.min(one, other), longestMinutes: Math.max(one, other) };
      const minutes = chooseInterval(releases, NOW, bounds);
      assert.ok((INTERVALS_MINUTES as readonly number[]).includes(minutes));
      assert.ok(minutes >= bounds.shortestMinutes && minutes <= bounds.longestMinutes);
    }),
  );
});

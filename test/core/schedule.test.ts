import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { INTERVALS_MINUTES, WIDEST_BOUNDS } from '../../src/core/cadence.js';
import {
  nextOnGrid,
  planCatchUp,
  type ScheduleRule,
  scheduleRuleFor,
  shareOf,
  spreadAfter,
} from '../../src/core/schedule.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const MINUTE_MS = 60_000;
const ids = Array.from({ length: 3400 }, (_, n) => `Vendor${n % 900}.Product${n}`);

test('the first rule that names a product decides; without one its vendor does', () => {
  const nightly = { cron: '0 3 * * *', timezone: 'UTC', spreadMinutes: 30 };
  const rules: readonly ScheduleRule[] = [
    { products: ['Acme.*'], vendors: ['Acme Inc*'], ...nightly },
    { products: ['Acme.Tool'], adaptive: { shortestMinutes: 60, longestMinutes: 120 } },
  ];
  assert.equal(scheduleRuleFor({ id: 'acme.tool', vendor: 'ACME Inc.' }, rules), rules[0]);
  assert.equal(scheduleRuleFor({ id: 'Acme.Tool', vendor: 'Other' }, rules), rules[1]);
  assert.deepEqual(scheduleRuleFor({ id: 'Acme.Else', vendor: 'Other' }, rules), {
    products: ['*'],
    adaptive: WIDEST_BOUNDS,
  });
});

test('3,400 products are spread evenly over every interval', () => {
  for (const minutes of INTERVALS_MINUTES) {
    const counts = new Array<number>(15).fill(0);
    for (const id of ids) {
      const inMs = nextOnGrid(id, NOW, minutes).getTime() % (minutes * MINUTE_MS);
      const slot = Math.floor((inMs / (minutes * MINUTE_MS)) * counts.length);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    const even = ids.length / counts.length;
    for (const count of counts) assert.ok(Math.abs(count - even) < even / 3, `${minutes}: ${counts}`);
  }
  assert.equal(shareOf('a.b'), shareOf('a.b'));
});

test('on its grid a product is asked at equal distances, and soon after a change of step', () => {
  const step = fc.constantFrom(...INTERVALS_MINUTES);
  fc.assert(
    fc.property(fc.constantFrom(...ids), fc.integer({ min: 0, max: 4e12 }), step, step, (id, ms, a, b) => {
      const first = nextOnGrid(id, new Date(ms), a);
      const second = nextOnGrid(id, first, a);
      assert.equal(second.getTime() - first.getTime(), a * MINUTE_MS);
      const changed = nextOnGrid(id, second, b).getTime() - second.getTime();
      assert.ok(changed >= 15 * MINUTE_MS && changed <= b * MINUTE_MS, `${changed / MINUTE_MS} of ${b}`);
    }),
  );
});

test('a cron time is spread after it, and ends before the next one', () => {
  const next = new Date(NOW.getTime() + 10 * MINUTE_MS);
  const times = ids.map((id) => spreadAfter(id, NOW, next, 30).getTime() - NOW.getTime());
  assert.ok(times.every((ms) => ms >= 0 && ms < 5 * MINUTE_MS));
  assert.ok(Math.max(...times) > 4.9 * MINUTE_MS);
  assert.equal(spreadAfter('a.b', NOW, next, 0).getTime(), NOW.getTime());
});

test('what was missed is asked once and no stampede: seconds for a dozen, under an hour for all', () => {
  const few = [...planCatchUp(ids.slice(0, 12), NOW).values()];
  assert.ok(few.every((at) => at.getTime() - NOW.getTime() < 6000));
  const all = planCatchUp(ids, NOW);
  assert.equal(all.size, ids.length);
  const perMinute = new Map<number, number>();
  for (const at of all.values()) {
    const minute = Math.floor((at.getTime() - NOW.getTime()) / MINUTE_MS);
    perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
  }
  assert.ok(Math.max(...perMinute.keys()) < 60);
  assert.ok(Math.max(...perMinute.values()) < 180, `${Math.max(...perMinute.values())} in one minute`);
});

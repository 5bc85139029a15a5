import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSettings } from '../../src/config/settings.js';

const decode = (value: unknown) => decodeSettings(value, 'patchpress.yaml', {});

test('without any setting every product of tiers A and B goes by its vendor', () => {
  const { schedule, products } = decode({});
  assert.deepEqual(schedule, []);
  assert.deepEqual(products, { include: ['*'], exclude: [], tiers: ['A', 'B'] });
});

test('an entry of the schedule is by cron or by rhythm, with its defaults', () => {
  const { schedule } = decode({
    schedule: [
      { catalog: 'patchpress', cron: '0 6 * * *', timezone: 'Europe/Berlin' },
      { vendors: ['Mozilla*'], adaptive: { longestMinutes: 60 } },
      { products: ['7zip.7zip'] },
    ],
  });
  assert.deepEqual(schedule, [
    {
      catalog: 'patchpress',
      products: ['*'],
      cron: '0 6 * * *',
      timezone: 'Europe/Berlin',
      spreadMinutes: 30,
    },
    { products: ['*'], vendors: ['Mozilla*'], adaptive: { shortestMinutes: 15, longestMinutes: 60 } },
    { products: ['7zip.7zip'], adaptive: { shortestMinutes: 15, longestMinutes: 1440 } },
  ]);
});

test('what cannot be is refused with its place', () => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    [{ schedule: [{ cron: 'daily' }] }, /schedule\.0\.cron/],
    [{ schedule: [{ cron: '0 6 * * *', timezone: 'Mars/Olympus' }] }, /schedule\.0\.timezone/],
    [{ schedule: [{ cron: '0 6 * * *', adaptive: {} }] }, /schedule\.0/],
    [{ schedule: [{ adaptive: { shortestMinutes: 7 } }] }, /schedule\.0\.adaptive\.shortestMinutes/],
    [{ schedule: [{ adaptive: { shortestMinutes: 120, longestMinutes: 60 } }] }, /schedule\.0\.adaptive/],
    [{ schedule: [{ catalog: 'other', cron: '0 6 * * *' }] }, /at schedule/],
    [{ products: { tiers: ['C'] } }, /products\.tiers/],
  ];
  for (const [value, where] of table) {
    assert.throws(
      () => decode(value),
      (fault: { code?: string; where?: string }) => {
        assert.equal(fault.code, 'configuration.invalid');
        assert.match(fault.where ?? '', where);
        return true;
      },
    );
  }
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { findJump } from '../../../src/core/feed-health/index.js';
import { schemeFor, versionSchemes } from '../../../src/core/versions/index.js';

const NOW = new Date('2026-08-22T00:00:00Z');
const letters = versionSchemes.get('letters') ?? assert.fail();

/** What is known, what comes next, and what is wrong with that. */
const TABLE: readonly (readonly [readonly string[], string, RegExp | null])[] = [
  [[], '9999.0', null],
  [['1.2.3'], '1.2.4', null],
  [['1.2.3'], '2.0', null],
  [['1.2.3'], '6.0', null],
  [['1.2.3'], '7.0', /leaps from 1 to 7/],
  [['26.02'], '99.0', /leaps from 26 to 99/],
  [['20.1', '30.0', '40.2'], '60.0', null],
  [['20.1', '30.0', '40.2'], '61.0', /leaps from 40 to 61/],
  [['151.0.7922.174'], '152.0.1', null],
  [['4169'], '4200', null],
  [['71822'], '99999', /leaps/],
  [['26.1', '26.2'], '2026.3', /was 26 until now, and is 2026/],
  [['2025.3'], '2026.1', null],
  [['2026.2'], '2027.1', null],
  [['2026.2'], '2028.1', /year 2028/],
  [['20260611'], '20260820', null],
  [['20251230'], '20260102', null],
  [['20260611'], '20261231', /dated 2026-12-31/],
  [['1.2.3'], '20260611', /leaps from 1 to 20260611/],
  [['1.9'], '1.10', null],
  [['1.9'], '1.999', /second number leaps from 9 to 999/],
  [['1.0'], '1.226', null],
  [['24.9.1'], '24.9.99999', null],
  [['py313_25.3.1-1'], 'py314_26.5.3-1', null],
  [['1.0.2k'], '1.0.2l', null],
  [['16.0.2+7'], '16.0.2+8', null],
];

for (const [known, next, expected] of TABLE) {
  test(`${known.join(', ') || 'nothing'}, then ${next}: ${expected === null ? 'plausible' : 'a jump'}`, () => {
    const found = findJump(known, next, NOW, letters);
    if (expected === null) assert.equal(found, null);
    else assert.match(found ?? '', expected);
  });
}

const FILE = '../shared/facts/products.jsonl';
const skip = existsSync(FILE) ? false : `${FILE} is absent`;
const Product = z.object({
  id: z.string(),
  versions: z.array(z.object({ version: z.string(), date: z.string().optional() })).default([]),
});

test('of the releases that vendors really made, few would have waited for a person', { skip }, () => {
  let [releases, held] = [0, 0];
  for (const line of readFileSync(FILE, 'utf8').trim().split('\n')) {
    const { versions } = Product.parse(JSON.parse(line));
    const scheme = versionSchemes.get(schemeFor(versions.map(({ version }) => version))) ?? assert.fail();
    const known: string[] = [];
    for (const { version, date } of versions.toReversed()) {
      if (!scheme.isVersion(version)) continue;
      if (known.length > 0 && known.every((one) => scheme.compare(version, one) > 0)) {
        releases += 1;
        if (findJump(known, version, new Date(date ?? NOW), scheme) !== null) held += 1;
      }
      known.push(version);
    }
  }
  assert.ok(releases > 10_000, `${releases}`);
  assert.ok(held / releases < 0.008, `${held} of ${releases}`);
});

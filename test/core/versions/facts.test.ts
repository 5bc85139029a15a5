import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { schemeFor, versionSchemes } from '../../../src/core/versions/index.js';

/** What vendors really call their versions, newest first. */
const FILE = '../shared/facts/products.jsonl';
const skip = existsSync(FILE) ? false : `${FILE} is absent`;
const Product = z.object({
  id: z.string(),
  versions: z.array(z.object({ version: z.string() })).default([]),
});

function histories(): readonly (readonly string[])[] {
  const lines = readFileSync(FILE, 'utf8').trim().split('\n');
  return lines.map((line) => Product.parse(JSON.parse(line)).versions.map(({ version }) => version));
}

test('the chosen scheme knows and orders what vendors publish', { skip }, () => {
  const all = histories().filter(({ length }) => length > 1);
  const disordered = all.filter((versions) => {
    const scheme = versionSchemes.get(schemeFor(versions)) ?? assert.fail();
    return versions.some((one, at) => scheme.compare(versions[at - 1] ?? one, one) < 0);
  });
  // What is left was sorted as text by its collector (`rc2 > rc14`), or holds words in the place of a version.
  assert.ok(disordered.length <= 0.025 * all.length, `${disordered.length} of ${all.length}`);
});

for (const { name, compare } of versionSchemes.values()) {
  test(`${name}: a total order over real versions`, { skip }, () => {
    const text = fc.constantFrom(...new Set(histories().flat()));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        assert.equal(compare(a, a), 0);
        assert.equal(Math.sign(compare(a, b)) + Math.sign(compare(b, a)), 0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0);
        if (compare(a, b) === 0) assert.equal(Math.sign(compare(a, c)), Math.sign(compare(b, c)));
      }),
      { numRuns: 5000 },
    );
  });
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { UpdateRecord } from '../../src/core/records.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { supersededBy } from '../../src/packages/supersedence.js';

const scheme = versionSchemes.get('numeric');
assert.ok(scheme);

const updateOf = (version: string, respin = 0, changes: Partial<UpdateRecord> = {}): UpdateRecord => ({
  packageId: `${version}#${respin}`,
  productId: 'p',
  productName: 'P',
  version,
  variant: 'x64/msi/any/machine',
  kind: 'update',
  route: 'catalog',
  payloadSha256: 'aa',
  respin,
  title: version,
  supersedes: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

describe('what an update supersedes', () => {
  const table: readonly [
    name: string,
    update: UpdateRecord,
    earlier: readonly UpdateRecord[],
    expected: readonly string[],
  ][] = [
    ['nothing is there', updateOf('1.0'), [], []],
    ['not itself', updateOf('1.0'), [updateOf('1.0')], []],
    [
      'the whole chain, nearest first',
      updateOf('1.10'),
      [updateOf('1.2'), updateOf('1.0'), updateOf('1.9')],
      ['1.9#0', '1.2#0', '1.0#0'],
    ],
    ['nothing newer', updateOf('1.2'), [updateOf('1.3'), updateOf('1.1')], ['1.1#0']],
    [
      'a respin, the lower one of the same version',
      updateOf('1.0', 1),
      [updateOf('1.0', 0), updateOf('0.9', 3)],
      ['1.0#0', '0.9#3'],
    ],
    ['a lower respin does not supersede a higher one', updateOf('1.0', 0), [updateOf('1.0', 1)], []],
    [
      'a later version supersedes all respins',
      updateOf('1.1'),
      [updateOf('1.0', 0), updateOf('1.0', 1)],
      ['1.0#1', '1.0#0'],
    ],
    ['an equal version written otherwise', updateOf('1.0.0'), [updateOf('1.0')], []],
    ['no update of another kind', updateOf('1.1'), [updateOf('1.0', 0, { kind: 'install' })], []],
  ];
  for (const [name, update, earlier, expected] of table) {
    test(name, () => assert.deepEqual(supersededBy(update, earlier, scheme), expected));
  }

  test('is transitive: what a superseded update supersedes is in the chain too', () => {
    const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const updates = fc.uniqueArray(fc.tuple(version, fc.nat(2)), { maxLength: 12, selector: String });
    fc.assert(
      fc.property(updates, (pairs) => {
        const all = pairs.map(([text, respin]) => updateOf(text, respin));
        const chains = new Map(all.map((one) => [one.packageId, supersededBy(one, all, scheme)]));
        for (const [packageId, chain] of chains) {
          assert.equal(chain.includes(packageId), false);
          assert.equal(new Set(chain).size, chain.length);
          for (const id of chain) {
            for (const further of chains.get(id) ?? []) assert.ok(chain.includes(further));
            assert.equal(chains.get(id)?.includes(packageId), false, 'never each other');
          }
        }
      }),
    );
  });
});

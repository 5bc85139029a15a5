import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaugeVocabulary, vocabularyLevel } from '../../src/core/vocabulary.js';

test('the worse of the two counts says how near the limit is', () => {
  for (const [vendors, products, level] of [
    [1, 1, 'few'],
    [7, 39, 'few'],
    [8, 1, 'near'],
    [1, 40, 'near'],
    [10, 50, 'near'],
    [11, 1, 'over'],
    [1, 51, 'over'],
  ] as const) {
    assert.equal(vocabularyLevel({ vendors, products }), level, `${vendors} vendors, ${products} products`);
  }
});

test('names that catalogs share count once over all, in whatever letters', () => {
  const { catalogs, all } = gaugeVocabulary([
    { name: 'ours', updates: [{ vendor: 'Patchpress', products: ['Updates'] }] },
    {
      name: 'HP',
      updates: [
        { vendor: 'HP', products: ['BIOS', 'Updates'] },
        { vendor: 'PATCHPRESS', products: ['updates'] },
      ],
    },
  ]);
  assert.deepEqual(catalogs, [
    { name: 'ours', vendors: 1, products: 1 },
    { name: 'HP', vendors: 2, products: 3 },
  ]);
  assert.deepEqual(all, { vendors: 2, products: 3 });
});

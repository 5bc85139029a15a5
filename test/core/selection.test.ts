import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../src/core/decide.js';
import { DEFAULT_SELECTION, whyNeverFetched, whyNotSelected } from '../../src/core/selection.js';

const product = { id: 'Acme.Tool', vendor: 'Acme', tier: 'A' } as const;
const publishing = (publish: 'automatic' | 'approval' | 'never'): Policy => ({
  rules: [{ products: ['Acme.*'], publish }],
  signers: [],
});

test('what is synchronised: tiers A and B that the policy publishes, and that nobody left out', () => {
  const all = DEFAULT_SELECTION;
  const table = [
    [product, all, publishing('automatic'), null],
    [product, all, publishing('approval'), null],
    [{ ...product, tier: 'B' }, all, { rules: [], signers: [] }, null],
    [product, all, publishing('never'), 'the policy never publishes it'],
    [product, { ...all, include: ['Other.*'] }, publishing('automatic'), /products\.include/],
    [product, { ...all, exclude: ['acme.*'] }, publishing('automatic'), /products\.exclude/],
    [{ ...product, tier: 'B' }, { ...all, tiers: ['A'] }, publishing('automatic'), /tier B/],
    [{ ...product, tier: 'C' }, { ...all, tiers: ['A', 'B', 'C'] }, publishing('automatic'), /tier C/],
    [{ ...product, automation: 'forbidden' }, all, publishing('automatic'), /forbids automated download/],
    [{ ...product, retired: true }, all, publishing('automatic'), /retired/],
  ] as const;
  for (const [of, selection, policy, expected] of table) {
    const found = whyNotSelected(of, selection, policy);
    if (expected instanceof RegExp) assert.match(found ?? '', expected);
    else assert.equal(found, expected);
  }
  assert.equal(whyNeverFetched(product), null);
});

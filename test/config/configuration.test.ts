import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeCatalog, loadCatalog } from '../../src/config/catalog.js';
import { decodePolicy, loadPolicy } from '../../src/config/policy.js';
import { productJsonSchema } from '../../src/config/product-schema.js';
import { describeFault, PermanentError } from '../../src/core/errors.js';

const policies = readdirSync('catalogs').filter((name) => /policy\.yaml$/.test(name));

for (const name of policies) {
  test(`catalogs/${name} can be used`, () => {
    assert.ok(loadPolicy(join('catalogs', name)).rules.length > 0);
  });
}

test('a policy, with what may be left out', () => {
  const policy = decodePolicy({ rules: [{ products: ['*'], publish: 'automatic' }] }, 'policy.yaml');
  assert.deepEqual(policy, { rules: [{ products: ['*'], publish: 'automatic' }], signers: [] });
  const full = {
    rules: [
      { products: ['A.*'], vendors: ['A'], publish: 'never' },
      { products: ['*'], publish: 'automatic', content: 'metadata', promoteAt: 25 },
    ],
    signers: [{ product: 'A.*', subject: { beginsWith: 'CN=A' }, accept: true }],
    delayHours: 48,
  };
  assert.deepEqual(decodePolicy(full, 'policy.yaml'), full);
});

test('a policy with a fault names file, place, what was expected and what stands there', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [
      { rules: [{ products: ['*'], publish: 'auto' }] },
      /policy\.yaml at rules\.0\.publish; expected: .*"automatic".*; found: "auto"/,
    ],
    [{ rules: [{ product: ['*'], publish: 'never' }] }, /rules\.0.*"product"/],
    [{ rules: [], signers: [{ product: 'A', subject: {} }] }, /signers\.0\.subject; expected: needs equalTo/],
    [{ rules: [], signers: [{ subject: { equalTo: 'CN=A' }, accept: false }] }, /signers\.0\.accept/],
    [
      { rules: [{ products: ['*'], publish: 'never', content: 'full', promoteAt: 2 }] },
      /rules\.0\.promoteAt.*content: metadata/,
    ],
    [{ rules: [], delayHours: -1 }, /delayHours/],
    [{ rules: [], delay: 3 }, /at the top.*"delay"/],
    [null, /at the top.*found: null/],
    ['rules', /found: "rules"/],
  ];
  for (const [value, expected] of cases) {
    assert.throws(
      () => decodePolicy(value, 'policy.yaml'),
      (error) => {
        assert.ok(error instanceof PermanentError);
        assert.equal(error.code, 'configuration.invalid');
        assert.match(describeFault(error), expected);
        return true;
      },
    );
  }
});

test('the shipped catalog', () => {
  assert.deepEqual(loadCatalog('catalogs/patchpress.catalog.json'), {
    name: 'patchpress',
    publisher: 'Patchpress',
    description: 'Third-party software updates published by Patchpress',
    vendorName: 'Patchpress',
    productName: 'Patchpress Updates',
    supportUrl: 'https://patchpress.lab/',
  });
});

test('a catalog whose texts would not fit into the console or a file name is refused', () => {
  const good: Record<string, unknown> = {
    name: 'a',
    publisher: 'A',
    description: 'A',
    vendorName: 'A',
    productName: 'A',
  };
  assert.equal(decodeCatalog(good, 'x').supportUrl, null);
  for (const changes of [
    { name: '../a' },
    { name: 'A' },
    { description: 'x'.repeat(201) },
    { vendorName: 'a\nb' },
    { productName: '' },
    { supportUrl: 'http://a.test/' },
    { vendor: 'A' },
  ])
    assert.throws(
      () => decodeCatalog({ ...good, ...changes }, 'x'),
      (error) => error instanceof PermanentError && error.code === 'configuration.invalid',
      JSON.stringify(changes),
    );
  assert.throws(() => loadCatalog('catalogs/none.catalog.json'), /cannot be read/);
});

test('catalogs/product.schema.json is current', () => {
  const file: unknown = JSON.parse(readFileSync('catalogs/product.schema.json', 'utf8'));
  assert.deepEqual(
    file,
    JSON.parse(JSON.stringify(productJsonSchema())),
    'run node scripts/product-schema.mjs',
  );
});

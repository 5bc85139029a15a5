import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  decisionIdOf,
  installableItemIdOf,
  NAMESPACE,
  type PackageIdentity,
  packageIdOf,
  productCategoryIdOf,
  uuidv5,
  vendorCategoryIdOf,
} from '../../src/core/identity.js';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('uuidv5', () => {
  // RFC 9562 A.4, and what Python's uuid module says (the last two).
  const vectors: readonly [namespace: string, name: string, id: string][] = [
    [DNS, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    [DNS, 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
    [NAMESPACE, 'Größe\n1', '08d00a67-d149-5986-829b-f68d7bb2b7bb'],
  ];
  for (const [namespace, name, id] of vectors) {
    test(JSON.stringify(name), () => assert.equal(uuidv5(namespace, name), id));
  }

  test('has version 5 and the variant of the standard, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        assert.match(
          uuidv5(NAMESPACE, name),
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});

const identity: PackageIdentity = {
  siteId: 'lab',
  product: 'PuTTY.PuTTY',
  version: '0.85',
  variant: 'x64/msi/any/machine',
  kind: 'update',
  payloadSha256: 'ab'.repeat(32),
  respin: 0,
};

describe('the PackageID', () => {
  test('never changes: this value stands in sites', () => {
    assert.equal(packageIdOf(identity), '4f07d741-ecd4-5137-8d0b-5b7443ac638a');
    assert.equal(installableItemIdOf(packageIdOf(identity), 0), '10940201-eedb-599b-ad5a-3cf0480bd9d0');
  });

  test('is the same however case and accents are written', () => {
    assert.equal(packageIdOf({ ...identity, product: 'putty.putty' }), packageIdOf(identity));
    assert.equal(
      packageIdOf({ ...identity, product: 'Caf\u00e9' }),
      packageIdOf({ ...identity, product: 'Cafe\u0301' }),
    );
  });

  const others: Partial<PackageIdentity>[] = [
    { siteId: 'other' },
    { product: 'PuTTY.Other' },
    { version: '0.86' },
    { variant: 'x86/msi/any/machine' },
    { kind: 'install' },
    { payloadSha256: 'cd'.repeat(32) },
    { respin: 1 },
  ];
  test('is another for every other part', () => {
    const ids = [{}, ...others].map((change) => packageIdOf({ ...identity, ...change }));
    assert.equal(new Set(ids).size, ids.length);
  });

  test('a line break in a part cannot make two identities one', () => {
    assert.throws(() => packageIdOf({ ...identity, version: '0.85\nx' }), {
      code: 'payload.invalid',
      found: '0.85\\u{a}x',
    });
    assert.throws(() => vendorCategoryIdOf('lab', 'a\nb'), { code: 'payload.invalid' });
  });
});

test('ids of categories and decisions do not meet each other', () => {
  const ids = [
    vendorCategoryIdOf('lab', 'Vendor'),
    vendorCategoryIdOf('lab', 'Other'),
    vendorCategoryIdOf('other', 'Vendor'),
    productCategoryIdOf('lab', 'Vendor', 'Vendor.Product'),
    productCategoryIdOf('lab', 'Vendor', 'Vendor.Other'),
    decisionIdOf('packages', 'a/b', '2026-01-01T00:00:00.000Z'),
    decisionIdOf('releases', 'a/b', '2026-01-01T00:00:00.000Z'),
    decisionIdOf('packages', 'a/b', '2026-01-01T00:00:01.000Z'),
  ];
  assert.equal(new Set(ids).size, ids.length);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type GateFacts, type Policy } from '../../src/core/decide.js';

type Facts = GateFacts['releases'];
const NOW = new Date('2026-11-24T12:00:00Z');
const policy: Policy = { rules: [], signers: [], unsigned: [{ product: '7zip.*', accept: true }] };
const facts: Facts = {
  productId: '7zip.7zip',
  signature: { status: 'unsigned' },
  trusted: null,
  host: 'github.com',
  knownHost: 'github.com',
  isDigestStated: true,
};

const TABLE: readonly (readonly [string, Partial<Facts>, string | null, RegExp])[] = [
  ['accepted, and its digest is stated', {}, null, /accepts it unsigned/],
  ['accepted, seen for the first time', { knownHost: null }, null, /accepts it unsigned/],
  ['nobody states its digest', { isDigestStated: false }, 'unsigned-installer', /second vantage/],
  ['not accepted for this product', { productId: 'Other.7zip' }, 'unsigned-installer', /accepts none/],
  [
    'a lost signature',
    { trusted: { subject: 'CN=Igor Pavlov', issuer: 'CN=CA' } },
    'unsigned-installer',
    /until now "CN=Igor Pavlov" signed it/,
  ],
  ['from another host', { host: 'mirror.test' }, 'host-changed', /mirror\.test/],
  [
    'a broken signature is not none',
    { signature: { status: 'invalid', reason: 'digest-mismatch', detail: 'one byte' } },
    'signature-invalid',
    /digest-mismatch/,
  ],
];

for (const [name, changes, code, reason] of TABLE) {
  test(`an unsigned installer, ${name}: ${code ?? 'go'}`, () => {
    const decision = decide('releases', { ...facts, ...changes }, policy, NOW);
    assert.equal(decision.code, code);
    assert.equal(decision.verdict, code === null ? 'go' : 'hold');
    assert.match(decision.reason, reason);
    assert.equal(decision.nextStep === '', code === null);
  });
}

test('whether its digest is stated counts as no when it is not told, and nobody is accepted by default', () => {
  const { isDigestStated: _told, ...untold } = facts;
  assert.equal(decide('releases', untold, policy, NOW).code, 'unsigned-installer');
  const empty = { rules: [], signers: [] };
  assert.equal(decide('releases', facts, empty, NOW).code, 'unsigned-installer');
});

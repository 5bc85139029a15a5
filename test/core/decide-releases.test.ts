import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type GateFacts, type Policy } from '../../src/core/decide.js';

const VENDOR = 'CN=Igor Pavlov, C=RU';
const ISSUER = 'CN=Certum Code Signing 2021 CA, C=PL';
const NOW = new Date('2026-11-24T12:00:00Z');
const policy: Policy = {
  rules: [],
  signers: [
    { product: 'igor.*', subject: { equalTo: VENDOR }, accept: true },
    { product: 'notepad++.notepad++', subject: { beginsWith: 'CN=Notepad' }, accept: true },
  ],
};
type Facts = GateFacts['releases'];
const valid = (subject = VENDOR, issuer = ISSUER): Facts['signature'] => ({
  status: 'valid',
  subject,
  issuer,
});
const facts = (changes: Partial<Facts> = {}): Facts => ({
  productId: 'Igor.7zip',
  signature: valid(),
  trusted: { subject: VENDOR, issuer: ISSUER },
  host: '7-zip.org',
  knownHost: '7-zip.org',
  ...changes,
});
const stated = (byte: string) => ({
  type: 'winget',
  sha256: byte.repeat(32),
  foundSha256: 'aa'.repeat(32),
});
const invalid: Facts['signature'] = { status: 'invalid', reason: 'digest-mismatch', detail: 'one byte' };

const TABLE: readonly (readonly [string, Partial<Facts>, string | null])[] = [
  ['the trusted signer, the known host', {}, null],
  ['the trusted signer, no earlier host', { knownHost: null }, null],
  ['no signature', { signature: { status: 'unsigned' } }, 'unsigned-installer'],
  [
    'no signature, and nobody known',
    { signature: { status: 'unsigned' }, trusted: null },
    'unsigned-installer',
  ],
  ['a signature that does not verify', { signature: invalid }, 'signature-invalid'],
  ['another subject', { signature: valid('CN=Igor Pavlov, C=US') }, 'signer-changed'],
  ['another issuer', { signature: valid(VENDOR, 'CN=Other CA') }, 'signer-changed'],
  [
    'another subject that the policy would accept',
    { trusted: { subject: 'CN=Old', issuer: ISSUER } },
    'signer-changed',
  ],
  ['another host', { host: 'mirror.test' }, 'host-changed'],
  ['a second source that agrees', { secondVantage: stated('aa') }, null],
  ['a second source that sees another file', { secondVantage: stated('bb') }, 'vantage-disagrees'],
  [
    'a second source that disagrees about a file that would be held anyway',
    { secondVantage: stated('bb'), signature: { status: 'unsigned' } },
    'vantage-disagrees',
  ],
  [
    'another signer at another host: the signer comes first',
    { host: 'mirror.test', signature: valid('CN=X') },
    'signer-changed',
  ],
  ['first seen, accepted by the policy', { trusted: null, knownHost: null }, null],
  [
    'first seen, nobody accepted',
    { trusted: null, knownHost: null, signature: valid('CN=Igor Pavlov') },
    'signer-unknown',
  ],
  ['first seen, accepted for another product', { trusted: null, productId: 'Evil.7zip' }, 'signer-unknown'],
  [
    'first seen, accepted by how it begins',
    { trusted: null, productId: 'Notepad++.Notepad++', signature: valid('CN=Notepad++, C=FR') },
    null,
  ],
];

for (const [name, changes, code] of TABLE) {
  test(`${name}: ${code ?? 'go'}`, () => {
    const decision = decide('releases', facts(changes), policy, NOW);
    assert.equal(decision.verdict, code === null ? 'go' : 'hold');
    assert.equal(decision.code, code);
    assert.ok(decision.reason.length > 10);
    assert.equal(decision.nextStep === '', code === null);
  });
}

test('an empty policy accepts nobody', () => {
  const decision = decide('releases', facts({ trusted: null }), { rules: [], signers: [] }, NOW);
  assert.equal(decision.code, 'signer-unknown');
  assert.match(decision.nextStep, /signers/);
});

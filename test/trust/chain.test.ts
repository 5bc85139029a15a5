import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { SignatureReport } from '../../src/core/installer.js';
import { AUTHORITY, CODE_SIGNING, type CertificateSpec, type Issued, issue } from './pki.js';
import { daysFromNow, missingTools, openWorld, sign, verdictOf, verifyPath, type World } from './world.js';

const missing = missingTools();
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

describe('the chain of a signer', { skip }, () => {
  let world: World;
  let count = 0;
  before(() => {
    world = openWorld();
  });
  after(() => world.close());

  const make = (spec: Partial<CertificateSpec>, issuer: Issued | null): Issued => {
    count += 1;
    const name = `made-${count}`;
    return issue(world.folder, { name, subject: `/CN=${name}`, extensions: CODE_SIGNING, ...spec }, issuer);
  };
  const verify = async (
    t: TestContext,
    chain: readonly Issued[],
    roots: readonly Issued[] = [world.root],
    now = new Date(),
  ): Promise<SignatureReport> =>
    verifyPath(
      sign(t, world, 'cab', { chain }),
      { ...world.anchors, codeSigningRoots: roots.map(({ der }) => der) },
      now,
    );

  test('a self-signed certificate is trusted when it is itself a root, as that of WSUS is', async (t) => {
    const own = make({ key: 'rsa' }, null);
    assert.equal(verdictOf(await verify(t, [own], [own])), 'valid');
    assert.equal(verdictOf(await verify(t, [own])), 'untrusted-root');
    assert.equal(verdictOf(await verify(t, [own], [own], daysFromNow(4000))), 'expired');
  });

  test('a trusted self-signed signer is no authority for others', async (t) => {
    const own = make({ key: 'rsa' }, null);
    const below = make({}, own);
    assert.equal(verdictOf(await verify(t, [below, own], [own])), 'wrong-usage');
  });

  test('a signer with an ECDSA key', async (t) => {
    assert.equal(verdictOf(await verify(t, [make({}, world.issuing), world.issuing])), 'valid');
  });

  test('the root need not be in the file, the certificates may come in any order', async (t) => {
    const leaf = make({}, world.issuing);
    assert.equal(verdictOf(await verify(t, [leaf, world.root, world.vendor, world.issuing])), 'valid');
  });

  test('a missing authority breaks it', async (t) => {
    assert.equal(verdictOf(await verify(t, [make({}, world.issuing)])), 'untrusted-root');
  });

  test('a changed chain: the same names, other keys', async (t) => {
    const subject = '/C=DE/O=Roots/CN=Code Root';
    const otherRoot = make({ subject, extensions: AUTHORITY }, null);
    const otherIssuing = make({ subject: '/O=Roots/CN=Code Issuing', extensions: AUTHORITY }, otherRoot);
    const forged = make({ subject: '/C=DE/O=Sample, Inc./CN=Sample Vendor' }, otherIssuing);
    assert.equal(verdictOf(await verify(t, [forged, otherIssuing, otherRoot])), 'untrusted-root');
    assert.equal(verdictOf(await verify(t, [forged, world.issuing, world.root])), 'untrusted-root');
  });

  for (const [what, extensions] of [
    ['no extended key usage', ['keyUsage=critical,digitalSignature']],
    ['the usage of a server', ['extendedKeyUsage=serverAuth']],
    ['any usage', ['extendedKeyUsage=anyExtendedKeyUsage']],
    ['a key for certificates only', ['keyUsage=critical,keyCertSign', 'extendedKeyUsage=codeSigning']],
    ['a critical extension that nobody knows', [...CODE_SIGNING, '1.2.3.4=critical,DER:0500']],
  ] as const) {
    test(`a signer with ${what} is refused`, async (t) => {
      const leaf = make({ extensions }, world.issuing);
      assert.equal(verdictOf(await verify(t, [leaf, world.issuing])), 'wrong-usage');
    });
  }

  for (const [what, extensions] of [
    ['is no authority', CODE_SIGNING],
    ['says nothing of being one', ['keyUsage=critical,keyCertSign']],
    ['may not sign certificates', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,cRLSign']],
    ['is for servers only', [...AUTHORITY, 'extendedKeyUsage=serverAuth']],
  ] as const) {
    test(`an authority that ${what} is refused`, async (t) => {
      const authority = make({ extensions }, world.root);
      const leaf = make({}, authority);
      assert.equal(verdictOf(await verify(t, [leaf, authority])), 'wrong-usage');
    });
  }

  test('a path length is kept to', async (t) => {
    const limited = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'];
    const upper = make({ extensions: limited }, world.root);
    const lower = make({ extensions: AUTHORITY }, upper);
    const good = make({}, upper);
    const bad = make({}, lower);
    assert.equal(verdictOf(await verify(t, [good, upper])), 'valid');
    assert.equal(verdictOf(await verify(t, [bad, lower, upper])), 'wrong-usage');
  });

  test('an expired authority is refused though the signer is valid', async (t) => {
    const authority = make({ extensions: AUTHORITY, days: 5 }, world.root);
    const leaf = make({}, authority);
    const report = await verify(t, [leaf, authority], [world.root], daysFromNow(10));
    assert.equal(verdictOf(report), 'expired');
  });

  test('before its time it is refused', async (t) => {
    const leaf = make({}, world.issuing);
    const report = await verify(t, [leaf, world.issuing], [world.root], daysFromNow(-10));
    assert.equal(verdictOf(report), 'expired');
  });

  for (const [what, spec] of [
    ['an RSA key of 1024 bits', { key: 'rsa1024' }],
    ['a key on a curve that Authenticode does not use', { key: 'secp256k1' }],
    ['a certificate signed over SHA-1', { digest: 'sha1' }],
  ] as const) {
    test(`${what} is weak`, async (t) => {
      const leaf = make(spec, world.issuing);
      assert.equal(verdictOf(await verify(t, [leaf, world.issuing])), 'weak-algorithm');
    });
  }

  test('of two ways up the good one is found', async (t) => {
    const subject = '/CN=Cross';
    const expired = make({ subject, extensions: AUTHORITY, days: 5 }, world.root);
    const good = make({ subject, extensions: AUTHORITY, keyOf: expired }, world.root);
    const leaf = make({}, expired);
    const now = daysFromNow(10);
    assert.equal(verdictOf(await verify(t, [leaf, expired, good], [world.root], now)), 'valid');
    assert.equal(verdictOf(await verify(t, [leaf, good, expired], [world.root], now)), 'valid');
  });

  test('certificates that all claim each other are given up soon', async (t) => {
    const subject = '/CN=Maze';
    const first = make({ subject, extensions: AUTHORITY }, null);
    const maze = [first];
    while (maze.length < 12)
      maze.push(make({ subject, extensions: [...AUTHORITY, '1.2.3.4=DER:0500'], keyOf: first }, null));
    const leaf = make({}, first);
    const started = performance.now();
    const report = await verify(t, [leaf, ...maze]);
    assert.equal(verdictOf(report), 'untrusted-root');
    assert.ok(performance.now() - started < 2000);
  });
});

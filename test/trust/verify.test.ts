import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import { bundle, run } from './pki.js';
import {
  daysFromNow,
  type Kind,
  missingTools,
  openWorld,
  sign,
  unsignedFile,
  verdictOf,
  verifyBytes,
  verifyPath,
  type World,
} from './world.js';

const KINDS: readonly Kind[] = ['exe', 'msi', 'cab'];
const missing = missingTools();
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

describe('a file signed by osslsigncode', { skip }, () => {
  let world: World;
  before(() => {
    world = openWorld();
  });
  after(() => world.close());

  const signedBy = (t: TestContext, kind: Kind, extra: readonly string[] = []): string =>
    sign(t, world, kind, { chain: [world.vendor, world.issuing], extra });
  const timestamp = () => ({ chain: [world.timestampAuthority, world.timestampRoot] });

  for (const kind of KINDS) {
    test(`${kind}: is valid and names its signer`, async (t) => {
      const report = await verifyPath(signedBy(t, kind), world.anchors);
      assert.equal(report.status, 'valid', JSON.stringify(report));
      if (report.status !== 'valid') return;
      assert.equal(report.signer.subject, 'CN=Sample Vendor, O=Sample\\, Inc., C=DE');
      assert.equal(report.signer.issuer, 'CN=Code Issuing, O=Roots');
      assert.equal(report.signer.thumbprint, world.vendor.thumbprint);
      assert.deepEqual(report.signer.certificateDer, world.vendor.der);
      assert.equal(report.digestAlgorithm, 'sha256');
      assert.equal(report.timestamp, null);
    });

    test(`${kind}: without a signature is unsigned`, async (t) => {
      assert.deepEqual(await verifyPath(unsignedFile(t, world, kind), world.anchors), { status: 'unsigned' });
    });

    test(`${kind}: a timestamp keeps it valid after its certificate has expired`, async (t) => {
      const path = sign(t, world, kind, {
        chain: [world.vendor, world.issuing],
        timestamp: timestamp(),
      });
      const report = await verifyPath(path, world.anchors, daysFromNow(100));
      assert.equal(report.status, 'valid', JSON.stringify(report));
      if (report.status !== 'valid') return;
      assert.equal(report.timestamp?.authority, 'CN=Time Authority, O=Time');
      assert.ok(Math.abs(Date.parse(report.timestamp?.time ?? '') - Date.now()) < 60_000);
      const ca = bundle(world.folder, 'ca.pem', [world.root]);
      const tsa = bundle(world.folder, 'tsa-ca.pem', [world.timestampRoot]);
      run(world.folder, 'osslsigncode', ['verify', '-CAfile', ca, '-TSA-CAfile', tsa, path]);
    });

    test(`${kind}: without a timestamp it expires with its certificate`, async (t) => {
      const report = await verifyPath(signedBy(t, kind), world.anchors, daysFromNow(40));
      assert.equal(verdictOf(report), 'expired');
    });

    test(`${kind}: a changed byte of its content is found`, async (t) => {
      const bytes = readFileSync(signedBy(t, kind));
      const place = bytes.indexOf(kind === 'exe' ? 'Nullsoft' : kind === 'msi' ? 'MSCF' : 'CK') + 9;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      assert.equal(verdictOf(await verifyBytes(bytes, world.anchors)), 'digest-mismatch');
    });

    test(`${kind}: one more byte behind it is found`, async (t) => {
      const bytes = Buffer.concat([readFileSync(signedBy(t, kind)), Buffer.from('PK\u0003\u0004')]);
      const long = Buffer.concat([readFileSync(signedBy(t, kind)), Buffer.alloc(5000, 1)]);
      assert.equal(verdictOf(await verifyBytes(bytes, world.anchors)), 'trailing-data');
      assert.equal(verdictOf(await verifyBytes(long, world.anchors)), 'trailing-data');
    });

    test(`${kind}: an unknown root is not trusted`, async (t) => {
      const anchors = { ...world.anchors, codeSigningRoots: world.anchors.timestampRoots };
      assert.equal(verdictOf(await verifyPath(signedBy(t, kind), anchors)), 'untrusted-root');
    });

    test(`${kind}: a SHA-1 digest is weak`, async (t) => {
      const path = sign(t, world, kind, { chain: [world.vendor, world.issuing], digest: 'sha1' });
      assert.equal(verdictOf(await verifyPath(path, world.anchors)), 'weak-algorithm');
    });

    test(`${kind}: SHA-384 is taken`, async (t) => {
      const path = sign(t, world, kind, { chain: [world.vendor, world.issuing], digest: 'sha384' });
      const report = await verifyPath(path, world.anchors);
      assert.equal(report.status === 'valid' && report.digestAlgorithm, 'sha384');
    });
  }
});

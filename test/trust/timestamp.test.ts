import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import { verifyTimestamp } from '../../src/trust/index.js';
import { openCountersigner, signOnline } from './countersigner.js';
import { AUTHORITY, type Issued, issue, run, TIME_STAMPING } from './pki.js';
import { daysFromNow, missingTools, openWorld, sign, verdictOf, verifyPath, type World } from './world.js';

const missing = missingTools();
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;
const SIGNATURE = Buffer.from('the signature octets of a SignerInfo');

/** A token of `openssl ts` over `data`. */
function token(folder: string, authority: Issued, chain: Issued, data: Buffer, digest = 'sha256'): Buffer {
  writeFileSync(join(folder, 'data'), data);
  writeFileSync(join(folder, 'serial'), '01\n');
  const section = [
    '[tsa]',
    'serial = serial',
    'default_policy = 1.2.3.4.1',
    'digests = sha1, sha256, sha384',
    'signer_digest = sha256',
    'ess_cert_id_chain = no',
  ];
  writeFileSync(join(folder, 'tsa.cnf'), `${section.join('\n')}\n`);
  run(folder, 'openssl', ['ts', '-query', '-data', 'data', `-${digest}`, '-cert', '-out', 'query']);
  const by = ['-signer', authority.certificate, '-inkey', authority.key, '-chain', chain.certificate];
  const reply = ['ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query'];
  run(folder, 'openssl', [...reply, ...by, '-token_out', '-out', 'token']);
  return readFileSync(join(folder, 'token'));
}

describe('an RFC 3161 token', { skip }, () => {
  let world: World;
  let good: Buffer;
  before(() => {
    world = openWorld();
    good = token(world.folder, world.timestampAuthority, world.timestampRoot, SIGNATURE);
  });
  after(() => world.close());

  const check = (bytes: Uint8Array, data: Uint8Array = SIGNATURE, now = new Date()) =>
    verifyTimestamp(bytes, data, world.anchors.timestampRoots, now);
  const refuses = (promise: Promise<unknown>, found: RegExp) =>
    assert.rejects(promise, (error) => {
      assert.ok(error instanceof PermanentError);
      assert.equal(error.code, 'signature.malformed');
      assert.match(error.found ?? '', found);
      return true;
    });

  test('made by openssl is valid, with its time and its authority', async () => {
    const { time, authority } = await check(good);
    assert.equal(authority, 'CN=Time Authority, O=Time');
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    assert.equal((await check(good, SIGNATURE, daysFromNow(5000))).time, time, 'also long afterwards');
  });

  test('of another signature is refused', () =>
    refuses(check(good, Buffer.from('x')), /of another signature/));

  test('with a SHA-1 imprint is refused', () => {
    const weak = token(world.folder, world.timestampAuthority, world.timestampRoot, SIGNATURE, 'sha1');
    return refuses(check(weak), /weak-algorithm: SHA-1/);
  });

  test('from the future is refused', () =>
    refuses(check(good, SIGNATURE, daysFromNow(-1)), /from the future/));

  test('of an unknown authority is refused', () =>
    refuses(verifyTimestamp(good, SIGNATURE, [world.root.der], new Date()), /untrusted-root/));

  test('by a certificate that is not for timestamps alone is refused', () => {
    const { folder, timestampRoot } = world;
    const extensions = ['extendedKeyUsage=critical,timeStamping,codeSigning'];
    const both = issue(folder, { name: 'both', subject: '/CN=Both', extensions }, timestampRoot);
    // openssl does not let it sign as an authority; the time is of a token made after the certificate.
    const later = token(folder, world.timestampAuthority, timestampRoot, SIGNATURE);
    return refuses(
      check(cmsToken(world, both, [], later)),
      /wrong-usage: "CN=Both" is not for timestamps alone/,
    );
  });

  test('with anything changed in what is signed is refused', async () => {
    for (const what of [Buffer.from('060b2a864886f70d0109100104', 'hex'), digestOf(SIGNATURE)]) {
      const bytes = Buffer.from(good);
      const at = bytes.indexOf(what) + what.length - 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await refuses(check(bytes), /./);
    }
  });

  test('with bytes behind it, or cut off, is refused', async () => {
    await refuses(check(Buffer.concat([good, Buffer.alloc(1)])), /followed by 1 more/);
    for (let length = 0; length < good.length; length += 97)
      await refuses(check(good.subarray(0, length)), /./);
  });

  test('signed with RSA-PSS, and in BER of indefinite length', async () => {
    const pss = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:-1'];
    assert.ok(await check(cmsToken(world, world.timestampAuthority, pss)));
    assert.ok(await check(cmsToken(world, world.timestampAuthority, ['-stream', '-indef'])));
    assert.ok(await check(cmsToken(world, world.timestampAuthority, ['-keyid'])));
  });

  /** The same TSTInfo, signed by openssl cms in other ways. */
  function cmsToken({ folder }: World, signer: Issued, extra: readonly string[], from = good): Buffer {
    writeFileSync(join(folder, 'from'), from);
    const open = ['cms', '-verify', '-noverify', '-inform', 'DER', '-in', 'from', '-binary', '-out', 'tst'];
    run(folder, 'openssl', open);
    const type = ['-econtent_type', '1.2.840.113549.1.9.16.1.4', '-binary', '-nodetach', '-md', 'sha256'];
    const by = ['-signer', signer.certificate, '-inkey', signer.key, ...extra];
    const sign = ['cms', '-sign', '-in', 'tst', '-outform', 'DER', '-out', 'cms', ...type, ...by];
    run(folder, 'openssl', sign);
    return readFileSync(join(folder, 'cms'));
  }
});

function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

describe('the timestamp of a file', { skip }, () => {
  let world: World;
  before(() => {
    world = openWorld();
  });
  after(() => world.close());

  test('by an authority that is not trusted makes the signature invalid', async (t) => {
    const { folder } = world;
    const root = issue(folder, { name: 'tr2', subject: '/CN=Other Time Root', extensions: AUTHORITY }, null);
    const spec = { name: 'tsa2', subject: '/CN=Other Time', extensions: TIME_STAMPING, key: 'rsa' } as const;
    const chain = [issue(folder, spec, root), root];
    const path = sign(t, world, 'cab', { chain: [world.vendor, world.issuing], timestamp: { chain } });
    const report = await verifyPath(path, world.anchors);
    assert.equal(verdictOf(report), 'timestamp-invalid');
    assert.match(report.status === 'invalid' ? report.detail : '', /untrusted-root/);
  });

  test('from before the authority itself was certified is refused', async (t) => {
    const chain = [world.timestampAuthority, world.timestampRoot];
    const timestamp = { chain, at: daysFromNow(-1) };
    const path = sign(t, world, 'cab', { chain: [world.vendor, world.issuing], timestamp });
    assert.equal(verdictOf(await verifyPath(path, world.anchors)), 'timestamp-invalid');
  });

  test('after the certificate had expired does not help', async (t) => {
    const chain = [world.timestampAuthority, world.timestampRoot];
    const path = sign(t, world, 'cab', {
      chain: [world.vendor, world.issuing],
      timestamp: { chain, at: daysFromNow(40) },
    });
    assert.equal(verdictOf(await verifyPath(path, world.anchors, daysFromNow(41))), 'expired');
    assert.equal(verdictOf(await verifyPath(path, world.anchors, daysFromNow(1))), 'timestamp-invalid');
  });

  test('does not prolong a certificate for lifetime signing', async (t) => {
    const extensions = ['extendedKeyUsage=codeSigning,1.3.6.1.4.1.311.10.3.13'];
    const short = { name: 'short', subject: '/CN=Short', extensions, days: 30 };
    const leaf = issue(world.folder, short, world.issuing);
    const path = sign(t, world, 'cab', {
      chain: [leaf, world.issuing],
      timestamp: { chain: [world.timestampAuthority, world.timestampRoot] },
    });
    assert.equal(verdictOf(await verifyPath(path, world.anchors)), 'valid');
    assert.equal(verdictOf(await verifyPath(path, world.anchors, daysFromNow(40))), 'expired');
  });

  test('as a PKCS #9 countersignature counts as well', async (t) => {
    const authority = await openCountersigner(world);
    try {
      const path = await signOnline(t, world, authority.url);
      const report = await verifyPath(path, world.anchors, daysFromNow(40));
      assert.equal(report.status, 'valid', JSON.stringify(report));
      assert.equal(report.status === 'valid' && report.timestamp?.authority, 'CN=Time Authority, O=Time');
      const elsewhere = { ...world.anchors, timestampRoots: [world.root.der] };
      assert.equal(verdictOf(await verifyPath(path, elsewhere)), 'timestamp-invalid');
    } finally {
      authority.close();
    }
  });

  for (const [what, extra, verdict] of [
    ['an unsigned attribute with anything in it', ['-addUnauthenticatedBlob'], 'trailing-data'],
    ['a nested signature', ['-nest'], 'malformed'],
  ] as const) {
    test(`${what} is refused`, async (t) => {
      const chain = [world.vendor, world.issuing];
      const first = sign(t, world, 'exe', { chain });
      const path = sign(t, world, 'exe', { chain, extra, input: extra[0] === '-nest' ? first : undefined });
      assert.equal(verdictOf(await verifyPath(path, world.anchors)), verdict);
    });
  }
});

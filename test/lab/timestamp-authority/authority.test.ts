import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type CertifiedKey, createAuthority, issueCertificate } from '../../../signing/certificates/index.js';
import { readTimestampResponse, writeTimestampRequest } from '../../../signing/timestamp/index.js';
import { startTimestampAuthority, type TimestampFault } from '../../../src/lab/timestamp-authority/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';

const root = createAuthority('TSA Root');
const identity: CertifiedKey = issueCertificate(root, {
  subject: 'CN=Lab TSA, O=Lab',
  usage: 'timeStamping',
  days: 30,
});

async function start(t: TestContext, fault: TimestampFault | null = null) {
  const authority = await startTimestampAuthority({
    port: 0,
    identity,
    now: () => new Date(),
    fault: () => fault,
  });
  t.after(() => authority.close());
  return authority;
}

async function post(url: string, body: Uint8Array, type = 'application/timestamp-query') {
  const response = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { 'content-type': type },
  });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Queries made and answers checked by openssl, which has its own code for both. */
async function verifyWithOpenssl(
  t: TestContext,
  queryOptions: readonly string[],
  verifyOptions: readonly string[],
) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'data'), 'what is stamped');
  writeFileSync(join(folder, 'ca.pem'), root.certificate);
  writeFileSync(join(folder, 'tsa.pem'), identity.certificate);
  const query = ['ts', '-query', '-data', 'data', '-out', 'q.tsq', ...queryOptions];
  if (mustRun(t, 'openssl', query, folder) === null) return null;
  const { url } = await start(t);
  const { status, bytes } = await post(url, readFileSync(join(folder, 'q.tsq')));
  assert.equal(status, 200);
  writeFileSync(join(folder, 'r.tsr'), bytes);
  const verify = [
    'ts',
    '-verify',
    '-queryfile',
    'q.tsq',
    '-in',
    'r.tsr',
    '-CAfile',
    'ca.pem',
    ...verifyOptions,
  ];
  assert.match(mustRun(t, 'openssl', verify, folder)?.output ?? '', /Verification: OK/);
  return mustRun(t, 'openssl', ['ts', '-reply', '-in', 'r.tsr', '-text'], folder)?.output ?? '';
}

describe('the RFC 3161 authority of the lab', () => {
  test('openssl verifies its token against its own query', async (t) => {
    const text = await verifyWithOpenssl(t, ['-sha256', '-cert'], []);
    if (text === null) return;
    assert.match(text, /Status: Granted\./);
    assert.match(text, /Policy OID: 2\.999\.3161\.1/);
    assert.match(text, /Accuracy: 0x01 seconds/);
    assert.match(text, /Nonce: 0x[0-9A-F]+/);
  });

  test('without certReq the certificate stays out; another digest is fine', async (t) => {
    await verifyWithOpenssl(t, ['-sha512'], ['-untrusted', 'tsa.pem']);
  });

  test('without a nonce there is none', async (t) => {
    const text = await verifyWithOpenssl(t, ['-sha384', '-cert', '-no_nonce'], []);
    if (text !== null) assert.match(text, /Nonce: unspecified/);
  });

  test('what it does not do is rejected with a reason', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'data'), 'x');
    const { url } = await start(t);
    for (const [options, reason] of [
      [['-sha1'], /Failure info: unrecognized or unsupported algorithm/],
      [['-sha256', '-tspolicy', '1.2.3'], /Failure info: the requested TSA policy is not supported/],
    ] as const) {
      const query = ['ts', '-query', '-data', 'data', '-out', 'q', ...options];
      if (mustRun(t, 'openssl', query, folder) === null) return;
      writeFileSync(join(folder, 'r'), (await post(url, readFileSync(join(folder, 'q')))).bytes);
      const text = mustRun(t, 'openssl', ['ts', '-reply', '-in', 'r', '-text'], folder)?.output ?? '';
      assert.match(text, /Status: Rejected\./);
      assert.match(text, reason);
    }
  });

  test('garbage gets an answer, never a crash', async (t) => {
    const { url } = await start(t);
    const good = writeTimestampRequest(Buffer.from('x'), Buffer.alloc(8, 7));
    for (const body of [
      Buffer.alloc(0),
      Buffer.from('hello'),
      Buffer.from('30840000', 'hex'),
      good.der.subarray(9),
    ]) {
      const { status, bytes } = await post(url, body);
      assert.equal(status, 200);
      assert.throws(() => readTimestampResponse(bytes, good), { code: 'protocol.violation' });
    }
    assert.equal((await post(url, good.der, 'text/plain')).status, 415);
    assert.equal((await post(url, Buffer.alloc(20_000))).status, 413);
    assert.ok(readTimestampResponse((await post(url, good.der)).bytes, good).length > 1000);
  });

  test('its faults', async (t) => {
    const request = writeTimestampRequest(Buffer.from('x'), Buffer.alloc(8, 7));
    const refusing = await post((await start(t, 'refuse')).url, request.der);
    assert.throws(() => readTimestampResponse(refusing.bytes, request), /timestamp authority/);
    const wrong = await post((await start(t, 'wrong-nonce')).url, request.der);
    assert.throws(() => readTimestampResponse(wrong.bytes, request), { found: 'another one' });
    await assert.rejects(post((await start(t, 'down')).url, request.der));
  });
});

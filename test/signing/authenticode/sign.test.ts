import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type CabinetSigning, cabinetDigest, signCabinet } from '../../../signing/authenticode/index.js';
import {
  createAuthority,
  createSelfSignedCodeSigning,
  issueCertificate,
} from '../../../signing/certificates/index.js';
import { bufferSource } from '../../../src/core/bytes.js';
import { cabAuthenticodeRanges, readCabinet } from '../../../src/formats/cab/index.js';
import { startTimestampAuthority } from '../../../src/lab/timestamp-authority/index.js';
import { mustRun, runProgram, temporaryFolder } from '../../formats/programs.js';
import { makePki, makeUnsignedCabinet, writeRoot } from '../pki.js';

const pki = makePki();

async function signInto(t: TestContext, signing: Partial<CabinetSigning> = {}) {
  const folder = temporaryFolder(t);
  writeRoot(folder, pki);
  const authority = await startTimestampAuthority({ port: 0, identity: pki.time, now: () => new Date() });
  t.after(() => authority.close());
  const unsignedPath = makeUnsignedCabinet(folder);
  const signedPath = join(folder, 'signed.cab');
  const timestamp = { urls: [authority.url], roots: [pki.rootDer], now: () => new Date() };
  const request = { identity: pki.code, publisherName: 'Patchpress ü', timestamp, ...signing };
  await signCabinet({ unsignedPath, signedPath, ...request });
  return { folder, unsignedPath, signedPath, bytes: readFileSync(signedPath), request };
}

const VERIFY = ['verify', '-CAfile', 'ca.pem', '-TSA-CAfile', 'ca.pem', '-in'];

describe('signing a cabinet', () => {
  test('osslsigncode verifies signature and timestamp', async (t) => {
    const { folder } = await signInto(t);
    const run = mustRun(t, 'osslsigncode', [...VERIFY, 'signed.cab'], folder);
    if (run === null) return;
    assert.match(run.output, /Signature verification: ok/);
    assert.match(run.output, /Timestamp Server Signature verification: ok/);
    assert.match(run.output, /Message digest algorithm\s+: SHA256/);
    assert.match(run.output, /Text description: Patchpress/);
    assert.match(run.output, /CN\s*=\s*Signing Test/);
    // The only time is the timestamp's.
    assert.match(run.output, /Signing time: N\/A/);
  });

  test('readers of cabinets take it', async (t) => {
    const { folder } = await signInto(t);
    for (const [program, args] of [
      ['cabextract', ['-t', 'signed.cab']],
      ['gcab', ['-t', 'signed.cab']],
      ['7z', ['t', 'signed.cab']],
    ] as const) {
      if (mustRun(t, program, args, folder) === null) return;
    }
  });

  test('openssl verifies the CMS by itself', async (t) => {
    const { folder, bytes } = await signInto(t, { timestamp: null });
    const { signature } = cabAuthenticodeRanges(bufferSource(bytes));
    assert.ok(signature !== null);
    writeFileSync(join(folder, 'sig.der'), bytes.subarray(signature.offset));
    const args = ['pkcs7', '-inform', 'der', '-in', 'sig.der', '-print', '-noout'];
    const text = mustRun(t, 'openssl', args, folder)?.output;
    if (text !== undefined) assert.match(text, /1\.3\.6\.1\.4\.1\.311\.2\.1\.25/);
  });

  test('the digest stays, nothing moves, the padding is to 8 bytes', async (t) => {
    const { unsignedPath, bytes } = await signInto(t);
    const unsigned = readFileSync(unsignedPath);
    const { signature, trailingBytes } = cabAuthenticodeRanges(bufferSource(bytes));
    assert.deepEqual(signature, { offset: unsigned.length, sizeBytes: bytes.length - unsigned.length });
    assert.equal((signature?.sizeBytes ?? 1) % 8, 0);
    assert.equal(trailingBytes, 0);
    assert.deepEqual(cabinetDigest(bufferSource(bytes)), cabinetDigest(bufferSource(unsigned)));
    assert.deepEqual(bytes.subarray(60, unsigned.length), unsigned.subarray(60));
    assert.deepEqual(
      readCabinet(bufferSource(bytes)).members.map(({ name }) => name),
      ['a.txt', 'V2\\b.sdp'],
    );
  });

  test('without a timestamp the same cabinet gets the same signature', async (t) => {
    const first = await signInto(t, { timestamp: null });
    const second = await signInto(t, { timestamp: null });
    assert.deepEqual(first.bytes, second.bytes);
  });

  test('a self-signed certificate is its own root, as with WSUS', async (t) => {
    const own = createSelfSignedCodeSigning({ subject: 'WSUS Publishers Self-signed' });
    const { folder } = await signInto(t, { identity: own, timestamp: null, publisherName: '' });
    writeFileSync(join(folder, 'own.pem'), own.certificate);
    const run = mustRun(t, 'osslsigncode', ['verify', '-CAfile', 'own.pem', '-in', 'signed.cab'], folder);
    if (run !== null) assert.match(run.output, /Signature verification: ok/);
  });

  test('intermediates are sent along, the root is not', async (t) => {
    const intermediate = createAuthority('Signing Test Intermediate', { issuer: pki.root });
    const request = { subject: 'Below', usage: 'codeSigning', days: 30 } as const;
    const { folder } = await signInto(t, { identity: issueCertificate(intermediate, request) });
    const run = mustRun(t, 'osslsigncode', [...VERIFY, 'signed.cab'], folder);
    if (run === null) return;
    assert.match(run.output, /Signature verification: ok/);
    assert.match(run.output, /Timestamp Server Signature verification: ok/);
    mustRun(t, 'osslsigncode', ['extract-signature', '-in', 'signed.cab', '-out', 's.der'], folder);
    const print = ['pkcs7', '-inform', 'der', '-in', 's.der', '-print_certs', '-noout'];
    const subjects = mustRun(t, 'openssl', print, folder)?.output.match(/subject=.*/g) ?? [];
    assert.deepEqual(subjects.sort(), ['subject=CN = Below', 'subject=CN = Signing Test Intermediate']);
  });

  test('a flipped byte in any covered part is found by osslsigncode', async (t) => {
    const { folder, bytes, unsignedPath } = await signInto(t, { timestamp: null });
    const end = readFileSync(unsignedPath).length;
    for (const position of [16, 20, 33, 59, 61, 70, end - 1, end + 700]) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(position) ^ 1, position);
      writeFileSync(join(folder, 'flipped.cab'), flipped);
      const run = runProgram('osslsigncode', [...VERIFY, 'flipped.cab'], folder);
      if (run === null) return t.skip('osslsigncode is not installed');
      assert.notEqual(run.status, 0, `byte ${position}`);
    }
  });

  test('what is signed already, has no reserve or no end is refused, and nothing is left', async (t) => {
    const { folder, bytes, request } = await signInto(t, { timestamp: null });
    const unsigned = readFileSync(join(folder, 'unsigned.cab'));
    const signedPath = join(folder, 'out.cab');
    for (const [name, content] of [
      ['signed', bytes],
      ['trailing', Buffer.concat([unsigned, Buffer.alloc(8)])],
      ['cut', unsigned.subarray(0, unsigned.length - 1)],
      ['no cabinet', Buffer.from('MZ'.repeat(100))],
      ['empty', Buffer.alloc(0)],
    ] as const) {
      const unsignedPath = join(folder, 'in.cab');
      writeFileSync(unsignedPath, content);
      await assert.rejects(
        signCabinet({ ...request, unsignedPath, signedPath }),
        { code: 'signature.malformed' },
        name,
      );
      assert.equal(existsSync(signedPath), false, name);
    }
  });

  test('a certificate that is not for code is refused', async (t) => {
    await assert.rejects(signInto(t, { identity: pki.time, timestamp: null }), {
      code: 'configuration.invalid',
      expected: 'the extended key usage codeSigning',
    });
    await assert.rejects(signInto(t, { identity: { ...pki.code, key: pki.time.key }, timestamp: null }), {
      code: 'configuration.invalid',
      found: 'another key',
    });
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { readRanges } from '../../../src/formats/byte-reader.js';
import {
  cabAuthenticodeRanges,
  hasSignatureReserve,
  signedReserve,
  writeCabinet,
} from '../../../src/formats/cab/index.js';
import { mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

function digestOf(bytes: Buffer): string {
  const source = bufferSource(bytes);
  const hash = createHash('sha256');
  for (const piece of readRanges(source, cabAuthenticodeRanges(source).ranges, 'signature.malformed'))
    hash.update(piece);
  return hash.digest('hex');
}

function cabinet(folder: string, signatureReserve: boolean): Buffer {
  const path = join(folder, 'u.cab');
  const content = { bytes: pseudoRandom(1).bytes(40_000) };
  writeCabinet([{ name: 'a.bin', modified: '2024-01-01T00:00:00Z', content }], path, { signatureReserve });
  return readFileSync(path);
}

/** A cabinet that osslsigncode signed with a certificate of the moment. */
function signedByOsslsigncode(t: TestContext, folder: string): Buffer | null {
  cabinet(folder, false);
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-out', 'c.pem'];
  const made = mustRun(t, 'openssl', [...request, '-days', '2', '-subj', '/CN=Test'], folder);
  const sign = ['sign', '-h', 'sha256', '-certs', 'c.pem', '-key', 'k.pem', '-in', 'u.cab', '-out', 's.cab'];
  if (made === null || mustRun(t, 'osslsigncode', sign, folder) === null) return null;
  return readFileSync(join(folder, 's.cab'));
}

/** The digest inside SpcIndirectDataContent: the OCTET STRING behind the SHA-256 algorithm identifier. */
function digestInside(pkcs7: Buffer): string {
  const algorithm = Buffer.from('300d06096086480165030402010500', 'hex');
  const mark = Buffer.concat([algorithm, Buffer.from('0420', 'hex')]);
  const at = pkcs7.indexOf(mark);
  return pkcs7.toString('hex', at + mark.length, at + mark.length + 32);
}

describe('what the Authenticode digest of a cabinet covers', () => {
  test('is what osslsigncode signed', (t) => {
    const bytes = signedByOsslsigncode(t, temporaryFolder(t));
    if (bytes === null) return;
    const { signature, trailingBytes } = cabAuthenticodeRanges(bufferSource(bytes));
    assert.ok(signature);
    assert.equal(signature.offset + signature.sizeBytes, bytes.length);
    assert.equal(trailingBytes, 0);
    assert.equal(digestOf(bytes), digestInside(bytes.subarray(signature.offset)));
  });

  test('is the same before and after a signature is appended to a cabinet with the reserve', (t) => {
    const unsigned = cabinet(temporaryFolder(t), true);
    const before = cabAuthenticodeRanges(bufferSource(unsigned));
    assert.equal(before.signature, null);
    assert.deepEqual(before.ranges, [
      { start: 0, end: 4 },
      { start: 8, end: 34 },
      { start: 56, end: 60 },
      { start: 60, end: unsigned.length },
    ]);
    const place = { offset: unsigned.length, sizeBytes: 16 };
    const signed = Buffer.concat([unsigned, Buffer.alloc(16, 0x30)]);
    signedReserve(place).copy(signed, 40);
    const after = cabAuthenticodeRanges(bufferSource(signed));
    assert.deepEqual(after, { ranges: before.ranges, signature: place, trailingBytes: 0 });
    assert.equal(digestOf(signed), digestOf(unsigned));
    assert.equal(signed.toString('hex', 40, 44), '00001000');
  });

  test('a flip in a covered byte changes it, in an uncovered one not', (t) => {
    const unsigned = cabinet(temporaryFolder(t), true);
    const bytes = Buffer.concat([unsigned, Buffer.alloc(16, 0x30)]);
    signedReserve({ offset: unsigned.length, sizeBytes: 16 }).copy(bytes, 40);
    const digest = digestOf(bytes);
    for (const [at, covered] of [
      [33, true],
      [57, true],
      [60, true],
      [unsigned.length - 1, true],
      [5, false],
      [53, false],
      [bytes.length - 1, false],
    ] as const) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x40, at);
      assert.equal(digestOf(flipped) !== digest, covered, `byte ${at}`);
    }
  });

  test('bytes behind the signature are told', (t) => {
    const bytes = signedByOsslsigncode(t, temporaryFolder(t));
    if (bytes === null) return;
    const longer = Buffer.concat([bytes, Buffer.from('more')]);
    assert.equal(cabAuthenticodeRanges(bufferSource(longer)).trailingBytes, 4);
  });

  test('uncovered fields of the header have the one value that a signed cabinet has', (t) => {
    const bytes = cabinet(temporaryFolder(t), true);
    for (const at of [34, 36, 38, 39, 40, 30]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      assert.throws(
        () => cabAuthenticodeRanges(bufferSource(changed)),
        { code: 'signature.malformed' },
        `byte ${at}`,
      );
    }
  });

  test('a signature elsewhere than behind the cabinet is refused', (t) => {
    const unsigned = cabinet(temporaryFolder(t), true);
    for (const place of [
      { offset: unsigned.length - 8, sizeBytes: 8 },
      { offset: unsigned.length, sizeBytes: 17 },
      { offset: unsigned.length, sizeBytes: 0 },
    ]) {
      const signed = Buffer.concat([unsigned, Buffer.alloc(16)]);
      signedReserve(place).copy(signed, 40);
      assert.throws(() => cabAuthenticodeRanges(bufferSource(signed)), { code: 'signature.malformed' });
    }
  });

  test('a cabinet without the reserve is unsigned and says so', (t) => {
    const folder = temporaryFolder(t);
    assert.equal(hasSignatureReserve(bufferSource(cabinet(folder, false))), false);
    assert.equal(hasSignatureReserve(bufferSource(cabinet(folder, true))), true);
    assert.equal(hasSignatureReserve(bufferSource(Buffer.from('MSCF'))), false);
  });
});

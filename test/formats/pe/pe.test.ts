import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { readRanges } from '../../../src/formats/byte-reader.js';
import { findNsisHeader } from '../../../src/formats/nsis/index.js';
import { peAuthenticodeRanges, readPe } from '../../../src/formats/pe/index.js';
import { buildNsis, mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

function digestOf(bytes: Buffer): string {
  const source = bufferSource(bytes);
  const hash = createHash('sha256');
  for (const piece of readRanges(source, peAuthenticodeRanges(source).ranges, 'signature.malformed'))
    hash.update(piece);
  return hash.digest('hex');
}

function signed(t: TestContext, folder: string): Buffer | null {
  if (buildNsis(t, folder) === null) return null;
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-out', 'c.pem'];
  const made = mustRun(t, 'openssl', [...request, '-days', '2', '-subj', '/CN=Test'], folder);
  const sign = [
    'sign',
    '-h',
    'sha256',
    '-certs',
    'c.pem',
    '-key',
    'k.pem',
    '-in',
    'sample.exe',
    '-out',
    's.exe',
  ];
  if (made === null || mustRun(t, 'osslsigncode', sign, folder) === null) return null;
  return readFileSync(join(folder, 's.exe'));
}

describe('a PE file', () => {
  test('made by makensis has its version, its manifest and the NSIS header', (t) => {
    const path = buildNsis(t, temporaryFolder(t));
    if (path === null) return;
    const source = bufferSource(readFileSync(path));
    const pe = readPe(source);
    assert.ok(pe);
    assert.equal(pe.machine, 0x14c);
    assert.equal(pe.format, 'PE32');
    assert.equal(pe.versionInfo?.fileVersion, '24.9.0.7');
    assert.equal(pe.versionInfo?.productVersion, '24.9.0.0');
    assert.equal(pe.versionInfo?.language, 1033);
    assert.deepEqual(Object.fromEntries(pe.versionInfo?.strings ?? []), {
      ProductName: 'Sample Setup',
      CompanyName: 'Sample Vendor GmbH',
      FileVersion: '24.09 (\u00fc)',
    });
    assert.match(pe.manifest ?? '', /Nullsoft\.NSIS\.exehead/);
    const nsis = findNsisHeader(source, pe.overlayOffset);
    assert.ok(nsis);
    assert.equal(nsis.offset, pe.overlayOffset);
    assert.equal(nsis.isUninstaller, false);
    assert.equal(nsis.generation, 'current');
    assert.equal(nsis.followingBytes, source.sizeBytes - nsis.offset, 'the installer ends with its data');
  });

  test('has the sections that 7z sees', (t) => {
    const folder = temporaryFolder(t);
    const path = buildNsis(t, folder);
    if (path === null) return;
    const listed = mustRun(t, '7z', ['l', '-slt', '-tPE', 'sample.exe'], folder);
    if (listed === null) return;
    const theirs = [...listed.output.matchAll(/^Path = (\.\S+)$/gm)].map((match) => match[1]?.split('/')[0]);
    const ours = readPe(bufferSource(readFileSync(path)))?.sections.map((section) => section.name) ?? [];
    assert.ok(ours.length >= 4);
    for (const name of ours.filter((one) => one !== '.ndata'))
      assert.ok(theirs.includes(name), `${name} of ${theirs}`);
  });

  test('an uninstaller and an old mark are told apart', () => {
    const overlay = Buffer.alloc(4096);
    overlay.writeUInt32LE(1, 1024);
    overlay.write('edbeadde', 1028, 'hex');
    overlay.write('NullSoftInst', 1032, 'latin1');
    const found = findNsisHeader(bufferSource(overlay), 100);
    assert.deepEqual(found, {
      offset: 1024,
      isUninstaller: true,
      isSilent: false,
      generation: 'old',
      headerBytes: 0,
      followingBytes: 0,
    });
    assert.equal(findNsisHeader(bufferSource(overlay), 2048), null);
    assert.equal(findNsisHeader(bufferSource(overlay.subarray(0, 1040)), 0), null);
  });

  test('is not what does not begin as one', () => {
    assert.equal(readPe(bufferSource(Buffer.from('<html>'.repeat(100)))), null);
    assert.equal(readPe(bufferSource(Buffer.alloc(0))), null);
    const dos = Buffer.alloc(200);
    dos.write('MZ');
    assert.equal(readPe(bufferSource(dos)), null);
    dos.writeUInt32LE(0xffffff, 60);
    assert.throws(() => readPe(bufferSource(dos)), { code: 'installer.malformed' });
  });
});

describe('what the Authenticode digest of a PE covers', () => {
  test('is what osslsigncode signed', (t) => {
    const bytes = signed(t, temporaryFolder(t));
    if (bytes === null) return;
    const { certificates, trailingBytes, ranges } = peAuthenticodeRanges(bufferSource(bytes));
    assert.equal(trailingBytes, 0);
    assert.equal(ranges.length, 3);
    const [certificate] = certificates;
    assert.ok(certificate);
    assert.deepEqual([certificates.length, certificate.revision, certificate.type], [1, 0x200, 2]);
    const mark = Buffer.from('300d060960864801650304020105000420', 'hex');
    const at = certificate.bytes.indexOf(mark) + mark.length;
    assert.equal(digestOf(bytes), certificate.bytes.toString('hex', at, at + 32));
  });

  test('bytes behind the certificate table are told', (t) => {
    const bytes = signed(t, temporaryFolder(t));
    if (bytes === null) return;
    const longer = Buffer.concat([bytes, Buffer.alloc(3)]);
    assert.equal(peAuthenticodeRanges(bufferSource(longer)).trailingBytes, 3);
    assert.equal(digestOf(longer), digestOf(bytes), 'which is why they must be told');
  });

  test('an unsigned one has no certificates and is covered to its end', (t) => {
    const path = buildNsis(t, temporaryFolder(t));
    if (path === null) return;
    const bytes = readFileSync(path);
    const { certificates, ranges } = peAuthenticodeRanges(bufferSource(bytes));
    assert.deepEqual(certificates, []);
    assert.equal(ranges.at(-1)?.end, bytes.length);
  });

  test('a certificate table that cuts content out is refused', (t) => {
    const bytes = signed(t, temporaryFolder(t));
    if (bytes === null) return;
    const entry = peAuthenticodeRanges(bufferSource(bytes)).ranges[1]?.end ?? 0;
    const changes: readonly (readonly [number, number])[] = [
      [entry, 0x400],
      [entry + 4, 0x7fffffff],
      [entry + 4, 4],
    ];
    for (const [at, value] of changes) {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(value, at);
      assert.throws(() => peAuthenticodeRanges(bufferSource(changed)), { code: 'signature.malformed' });
    }
  });

  test('2,000 flips and cuts give an answer or a PermanentError', (t) => {
    const bytes = signed(t, temporaryFolder(t));
    if (bytes === null) return;
    const random = pseudoRandom(11);
    const resources = readPe(bufferSource(bytes))?.sections.find((section) => section.name === '.rsrc');
    const places = [0, 0, resources?.fileOffset ?? 0, bytes.length - 2000];
    for (let round = 0; round < 2000; round += 1) {
      const hostile = Buffer.from(round % 10 === 0 ? bytes.subarray(0, random.next(bytes.length)) : bytes);
      const at = Math.min((places[round % 4] ?? 0) + random.next(1000), hostile.length - 1);
      if (at >= 0) hostile.writeUInt8(random.next(256), at);
      const source = bufferSource(hostile);
      try {
        const pe = readPe(source);
        if (pe !== null) findNsisHeader(source, pe.overlayOffset);
        if (pe !== null) peAuthenticodeRanges(source);
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
      }
    }
  });
});

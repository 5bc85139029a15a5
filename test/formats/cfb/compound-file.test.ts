import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import {
  type CompoundFile,
  msiDigestStreams,
  msiMetadataPieces,
  msiSignature,
  openCompoundFile,
} from '../../../src/formats/cfb/index.js';
import { MSI_CLSID } from '../../../src/formats/msi/index.js';
import { buildMsi, type MsiSample, mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

function sha256(pieces: Iterable<Buffer>): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

function* digested(file: CompoundFile): Generator<Buffer> {
  const extended = msiSignature(file)?.metadataDigest;
  if (extended) yield extended;
  yield* msiDigestStreams(file);
}

function signed(
  t: TestContext,
  folder: string,
  extra: readonly string[],
  sample: Partial<MsiSample> = {},
): Buffer | null {
  if (buildMsi(t, folder, { architecture: 'x64', ...sample }) === null) return null;
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-out', 'c.pem'];
  const made = mustRun(t, 'openssl', [...request, '-days', '2', '-subj', '/CN=Test'], folder);
  const sign = [
    'sign',
    ...extra,
    '-h',
    'sha256',
    '-certs',
    'c.pem',
    '-key',
    'k.pem',
    '-in',
    'sample.msi',
    '-out',
    's.msi',
  ];
  if (made === null || mustRun(t, 'osslsigncode', sign, folder) === null) return null;
  return readFileSync(join(folder, 's.msi'));
}

const SHA256_OCTETS = Buffer.from('300d060960864801650304020105000420', 'hex');

describe('what the Authenticode digest of an MSI covers', () => {
  // 9 MB: wixl's file then has a DIFAT sector, and osslsigncode writes it anew as version 4.
  const large = { content: pseudoRandom(8).bytes(9 << 20) };
  for (const [title, extra, sample] of [
    ['', [], {}],
    [' with its metadata', ['-add-msi-dse'], {}],
    [' in a large file', [], large],
  ] as const) {
    test(`is what osslsigncode signed${title}`, (t) => {
      const folder = temporaryFolder(t);
      const bytes = signed(t, folder, extra, sample);
      if (bytes === null) return;
      const unsigned = readFileSync(join(folder, 'sample.msi'));
      assert.equal(unsigned.readUInt32LE(72), sample === large ? 1 : 0, 'DIFAT sectors');
      assert.equal(bytes.readUInt16LE(26), sample === large ? 4 : 3, 'version');
      const file = openCompoundFile(bufferSource(bytes));
      const signature = msiSignature(file);
      assert.ok(signature);
      assert.equal(signature.metadataDigest !== null, extra.length > 0);
      if (signature.metadataDigest !== null) {
        assert.deepEqual(sha256(msiMetadataPieces(file)), signature.metadataDigest);
      }
      const at = signature.pkcs7.indexOf(SHA256_OCTETS) + SHA256_OCTETS.length;
      assert.equal(sha256(digested(file)).toString('hex'), signature.pkcs7.toString('hex', at, at + 32));
      const content = sha256(msiDigestStreams(file));
      assert.deepEqual(sha256(msiDigestStreams(openCompoundFile(bufferSource(unsigned)))), content);
    });
  }

  test('is the same before signing, and another one when a stream changes', (t) => {
    const folder = temporaryFolder(t);
    const bytes = signed(t, folder, []);
    if (bytes === null) return;
    const unsigned = readFileSync(join(folder, 'sample.msi'));
    const file = openCompoundFile(bufferSource(unsigned));
    assert.equal(msiSignature(file), null);
    const digest = sha256(digested(file));
    assert.deepEqual(sha256(digested(openCompoundFile(bufferSource(bytes)))), digest);
    const changed = Buffer.from(unsigned);
    changed.writeUInt8(0x21, changed.indexOf('Sample Vendor'));
    assert.notDeepEqual(sha256(digested(openCompoundFile(bufferSource(changed)))), digest);
  });
});

describe('a compound file', () => {
  test('has the streams that 7z sees, with the same bytes', (t) => {
    const folder = temporaryFolder(t);
    const path = buildMsi(t, folder, { architecture: 'x86' });
    if (path === null) return;
    const file = openCompoundFile(bufferSource(readFileSync(path)));
    assert.equal(file.clsid, MSI_CLSID);
    const listed = mustRun(t, '7z', ['l', '-slt', '-tCompound', 'sample.msi'], folder);
    if (listed === null) return;
    const theirs = [...listed.output.matchAll(/^Size = (\d+)$/gm)].map((match) => Number(match[1])).sort();
    const ours = file.root.children.map((entry) => entry.sizeBytes).sort();
    assert.deepEqual(ours, theirs);
    const cabinet = file.root.children.find(
      (entry) => file.read(entry, 1 << 20).toString('latin1', 0, 4) === 'MSCF',
    );
    assert.ok(cabinet);
    const summary = file.stream('\u0005SummaryInformation');
    assert.ok(summary);
    assert.throws(() => file.read(summary, 10), { code: 'installer.malformed' });
  });

  test('answers 2,000 flips and cuts with streams or a PermanentError', (t) => {
    const path = buildMsi(t, temporaryFolder(t), { architecture: 'x86' });
    if (path === null) return;
    const bytes = readFileSync(path);
    const random = pseudoRandom(99);
    const directoryAt = (bytes.readUInt32LE(48) + 1) * 512;
    const fatAt = (bytes.readUInt32LE(76) + 1) * 512;
    let refused = 0;
    for (let round = 0; round < 2000; round += 1) {
      const hostile = Buffer.from(round % 10 === 0 ? bytes.subarray(0, random.next(bytes.length)) : bytes);
      const start = [0, directoryAt, fatAt, random.next(bytes.length)][round % 4] ?? 0;
      const at = Math.min(start + random.next(512), hostile.length - 1);
      if (at >= 0) hostile.writeUInt8(random.next(256), at);
      try {
        const file = openCompoundFile(bufferSource(hostile));
        sha256(msiDigestStreams(file));
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
        refused += 1;
      }
    }
    assert.ok(refused > 300, `${refused} refused`);
  });
});

describe('hostile directories', () => {
  const open = (change: (bytes: Buffer) => void): unknown => {
    const bytes = smallest();
    change(bytes);
    return openCompoundFile(bufferSource(bytes));
  };
  const refusals: readonly (readonly [string, (bytes: Buffer) => void, RegExp])[] = [
    ['magic', (b) => b.writeUInt8(0, 0), /not a compound file/],
    ['version', (b) => b.writeUInt16LE(5, 26), /version/],
    ['mini sector size', (b) => b.writeUInt16LE(7, 32), /mini sectors/],
    ['number of FAT sectors', (b) => b.writeUInt32LE(9999, 44), /more FAT/],
    ['FAT sector', (b) => b.writeUInt32LE(50, 76), /outside/],
    ['directory chain that is a circle', (b) => b.writeUInt32LE(1, 512 + 4), /chain of sectors/],
    ['child that is the root', (b) => b.writeUInt32LE(0, 1024 + 76), /circle/],
    ['sibling that is itself', (b) => b.writeUInt32LE(1, 1024 + 128 + 68), /circle/],
    ['child that is not there', (b) => b.writeUInt32LE(77, 1024 + 76), /missing/],
    ['kind', (b) => b.writeUInt8(3, 1024 + 128 + 66), /unknown kind/],
    ['name length', (b) => b.writeUInt16LE(66, 1024 + 128 + 64), /wrong name/],
    ['stream size', (b) => b.writeUInt32LE(0x7fffffff, 1024 + 128 + 120), /larger than the file/],
  ];
  for (const [title, change, message] of refusals) {
    test(`a wrong ${title}`, () => {
      assert.throws(() => open(change), { code: 'installer.malformed', message });
    });
  }

  test('two streams of one name', () => {
    assert.throws(
      () =>
        open((bytes) => {
          bytes.copy(bytes, 1024 + 256, 1024 + 128, 1024 + 256);
          bytes.writeUInt32LE(2, 1024 + 128 + 72);
        }),
      { message: /one name/ },
    );
  });
});

test('version 4 has sectors of 4,096 bytes', () => {
  const file = openCompoundFile(bufferSource(smallest(4)));
  assert.deepEqual(
    file.root.children.map(({ name, sizeBytes }) => [name, sizeBytes]),
    [['a', 5000]],
  );
  const [stream] = file.root.children;
  assert.ok(stream);
  assert.deepEqual(file.read(stream, 5000), Buffer.alloc(5000, 0x61));
});

/** Header, one FAT sector, one directory sector with the root and a stream `a`: empty, in version 4 of two sectors. */
function smallest(version: 3 | 4 = 3): Buffer {
  const sectorBytes = version === 3 ? 512 : 4096;
  const bytes = Buffer.alloc(sectorBytes * (version === 3 ? 3 : 5), 0);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes);
  bytes.writeUInt16LE(version, 26);
  bytes.writeUInt16LE(0xfffe, 28);
  bytes.writeUInt16LE(version === 3 ? 9 : 12, 30);
  bytes.writeUInt16LE(6, 32);
  bytes.writeUInt32LE(1, 44);
  bytes.writeUInt32LE(1, 48);
  bytes.writeUInt32LE(4096, 56);
  bytes.writeUInt32LE(0xfffffffe, 60);
  bytes.writeUInt32LE(0xfffffffe, 68);
  bytes.fill(0xff, 76, 512);
  bytes.writeUInt32LE(0, 76);
  bytes.fill(0xff, sectorBytes, sectorBytes * 2);
  [0xfffffffd, 0xfffffffe, 3, 0xfffffffe].forEach((next, sector) => {
    bytes.writeUInt32LE(next, sectorBytes + sector * 4);
  });
  ['Root Entry', 'a'].forEach((name, index) => {
    const at = sectorBytes * 2 + index * 128;
    bytes.write(name, at, 'utf16le');
    bytes.writeUInt16LE(name.length * 2 + 2, at + 64);
    bytes.writeUInt8(index === 0 ? 5 : 2, at + 66);
    bytes.fill(0xff, at + 68, at + 80);
    if (index === 0) bytes.writeUInt32LE(1, at + 76);
    bytes.writeUInt32LE(index === 0 ? 0xfffffffe : 2, at + 116);
    bytes.writeUInt32LE(index === 1 && version === 4 ? 5000 : 0, at + 120);
  });
  if (version === 4) {
    bytes.fill(0, sectorBytes * 2 + 256, sectorBytes * 3);
    bytes.fill(0x61, sectorBytes * 3);
  }
  return bytes;
}

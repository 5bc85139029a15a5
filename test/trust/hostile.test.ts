import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { bufferSource } from '../../src/core/bytes.js';
import type { SignatureReport } from '../../src/core/installer.js';
import { readRanges } from '../../src/formats/byte-reader.js';
import { cabAuthenticodeRanges } from '../../src/formats/cab/index.js';
import { msiDigestStreams, msiMetadataPieces, openCompoundFile } from '../../src/formats/cfb/index.js';
import { peAuthenticodeRanges } from '../../src/formats/pe/index.js';
import { pseudoRandom } from '../formats/programs.js';
import { CODE_SIGNING, issue } from './pki.js';
import { type Kind, missingTools, openWorld, sign, verdictOf, verifyBytes, type World } from './world.js';

const missing = missingTools();
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

/** Digest of what a signature covers in a file, by its own format. */
function covered(kind: Kind, bytes: Buffer): string {
  const source = bufferSource(bytes);
  const hash = createHash('sha256');
  if (kind === 'msi') {
    const file = openCompoundFile(source);
    for (const piece of [...msiMetadataPieces(file), ...msiDigestStreams(file)]) hash.update(piece);
  } else {
    const { ranges } = kind === 'exe' ? peAuthenticodeRanges(source) : cabAuthenticodeRanges(source);
    for (const piece of readRanges(source, ranges, 'signature.malformed')) hash.update(piece);
  }
  return hash.digest('hex');
}

/** Where the PKCS#7 starts: the SignedData's own identifier. */
function signatureStart(bytes: Buffer): number {
  return bytes.lastIndexOf(Buffer.from('06092a864886f70d010702', 'hex')) - 4;
}

describe('hostile bytes', { skip }, () => {
  let world: World;
  const signed = new Map<Kind, Buffer>();
  const verify = (bytes: Uint8Array): Promise<SignatureReport> => verifyBytes(bytes, world.anchors);
  const signedFile = (kind: Kind): Buffer => signed.get(kind) ?? Buffer.alloc(0);
  const reports = new Map<Kind, SignatureReport>();
  before(async (t) => {
    world = openWorld();
    const chain = [world.vendor, world.issuing];
    const timestamp = { chain: [world.timestampAuthority, world.timestampRoot] };
    for (const kind of ['exe', 'msi', 'cab'] as const) {
      const extra = kind === 'msi' ? ['-add-msi-dse'] : [];
      const path = sign(t as Parameters<typeof sign>[0], world, kind, { chain, timestamp, extra });
      signed.set(kind, readFileSync(path));
      reports.set(kind, await verify(signedFile(kind)));
    }
  });
  after(() => world.close());

  /** Whatever was done to a file: it is refused, or what matters of it is still the same. */
  async function requireHarmless(kind: Kind, bytes: Buffer, what: string): Promise<string> {
    const report = await verify(bytes);
    if (report.status !== 'valid') return verdictOf(report);
    assert.equal(covered(kind, bytes), covered(kind, signedFile(kind)), what);
    assert.deepEqual(report, reports.get(kind), what);
    return 'valid';
  }

  for (const kind of ['exe', 'msi', 'cab'] as const) {
    test(`${kind}: 300 changed bytes anywhere, half of them in the signature`, async () => {
      const random = pseudoRandom(20_260_101);
      const original = signedFile(kind);
      assert.equal(verdictOf(await verify(original)), 'valid');
      const start = signatureStart(original);
      const verdicts = new Map<string, number>();
      for (let round = 0; round < 300; round += 1) {
        const bytes = Buffer.from(original);
        const place =
          round % 2 === 0
            ? start + random.next(Math.min(5000, bytes.length - start))
            : random.next(bytes.length);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << random.next(8));
        const verdict = await requireHarmless(kind, bytes, `a changed bit at ${place}`);
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      }
      // Different checks were reached, not always the first one.
      for (const verdict of ['digest-mismatch', 'malformed', 'timestamp-invalid'])
        assert.ok((verdicts.get(verdict) ?? 0) > 5, `${verdict}: ${JSON.stringify([...verdicts])}`);
    });

    test(`${kind}: 150 overwritten lengths and tags in the signature`, async () => {
      const random = pseudoRandom(77);
      const original = signedFile(kind);
      const start = signatureStart(original);
      for (let round = 0; round < 150; round += 1) {
        const bytes = Buffer.from(original);
        const place = start + random.next(Math.min(5000, bytes.length - start - 4));
        const values = [0x00, 0x30, 0x31, 0x7f, 0x80, 0x82, 0x84, 0xa0, 0xff];
        for (let count = 0; count <= random.next(4); count += 1)
          bytes[place + count] = values[random.next(values.length)] ?? 0;
        await requireHarmless(kind, bytes, `overwritten at ${place}`);
      }
    });

    test(`${kind}: cut off anywhere`, async () => {
      const original = signedFile(kind);
      for (let part = 0; part < 120; part += 1) {
        const length = Math.floor((original.length * part) / 120);
        assert.notEqual(verdictOf(await verify(original.subarray(0, length))), 'valid', `${length} bytes`);
      }
    });
  }

  test('a renamed stream of an MSI is found by its extended digest', async () => {
    const bytes = Buffer.from(signedFile('msi'));
    const name = Buffer.from('\u0005SummaryInformation', 'utf16le');
    bytes.write('X', bytes.indexOf(name) + 2, 'utf16le');
    assert.equal(verdictOf(await verify(bytes)), 'digest-mismatch');
  });

  test("an executable's CheckSum is not covered, everything else of its header is", async () => {
    const bytes = Buffer.from(signedFile('exe'));
    const checksum = bytes.readUInt32LE(60) + 24 + 64;
    bytes.writeUInt32LE(0x12345678, checksum);
    assert.equal(verdictOf(await verify(bytes)), 'valid');
    bytes.writeUInt32LE(0x12345678, checksum + 4);
    assert.notEqual(verdictOf(await verify(bytes)), 'valid');
  });

  test('a second row in the certificate table is refused', async () => {
    const original = signedFile('exe');
    const entry = original.readUInt32LE(60) + 24 + 96 + 32;
    const table = original.subarray(original.readUInt32LE(entry));
    const bytes = Buffer.concat([original, table]);
    bytes.writeUInt32LE(table.length * 2, entry + 4);
    assert.equal(verdictOf(await verify(bytes)), 'malformed');
  });

  test('a signature taken from another file is refused', async (t) => {
    const other = sign(t, world, 'cab', { chain: [world.vendor, world.issuing] });
    const cab = readFileSync(other);
    const bytes = Buffer.from(cab);
    // Another member, signed as if it were the same cabinet.
    bytes[100] = (bytes[100] ?? 0) ^ 0x20;
    assert.equal(verdictOf(await verify(bytes)), 'digest-mismatch');
  });

  test('nesting, numbers and lengths without end are given up soon', async () => {
    const original = signedFile('cab');
    const offset = original.readUInt32LE(8);
    const bombs = {
      nested: Buffer.concat(Array.from({ length: 4000 }, () => Buffer.from('3080', 'hex'))),
      many: Buffer.concat([
        Buffer.from('308400f42400', 'hex'),
        Buffer.alloc(16_000_000, Buffer.from('0500', 'hex')),
      ]),
      length: Buffer.from('3084ffffffff3000', 'hex'),
      long: Buffer.concat([Buffer.from('06820400', 'hex'), Buffer.alloc(1024, 0xff)]),
      empty: Buffer.alloc(8),
    };
    for (const [name, bomb] of Object.entries(bombs)) {
      const bytes = Buffer.concat([original.subarray(0, offset), bomb]);
      bytes.writeUInt32LE(bomb.length, 48);
      const started = performance.now();
      assert.equal(verdictOf(await verify(bytes)), 'malformed', name);
      assert.ok(performance.now() - started < 2000, name);
    }
  });

  test('what is no file of these kinds has no signature to speak of', async () => {
    for (const text of ['', 'MZ', 'MSCF', 'PK\u0003\u0004', '<!doctype html>', '\u00d0\u00cf'])
      assert.equal(
        verdictOf(await verify(Buffer.from(text, 'latin1'))),
        text === 'MSCF' ? 'unsigned' : 'malformed',
      );
  });

  test('what a file says never reaches a log with control characters', async (t) => {
    const subject = '/CN=Evil\u001b[31m\u202e, O=Other';
    const evil = issue(world.folder, { name: 'evil', subject, extensions: CODE_SIGNING }, null);
    const report = await verifyBytes(readFileSync(sign(t, world, 'cab', { chain: [evil] })), {
      ...world.anchors,
      codeSigningRoots: [evil.der],
    });
    assert.equal(
      report.status === 'valid' && report.signer.subject,
      'CN=Evil\\u{1b}[31m\\u{202e}\\, O=Other',
    );
  });
});

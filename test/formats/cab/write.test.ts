import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import type { CabinetMember } from '../../../src/core/ports.js';
import { CAB, readCabinet, writeCabinet } from '../../../src/formats/cab/index.js';
import { toDosTime } from '../../../src/formats/cab/structure.js';
import { mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

const MODIFIED = '2024-02-29T23:59:59Z';
const member = (name: string, bytes: Uint8Array | string, modified = MODIFIED): CabinetMember => ({
  name,
  modified,
  content: { bytes: Buffer.from(bytes) },
});

const random = pseudoRandom(7);
const MIXED: readonly CabinetMember[] = [
  member('root.xml', 'catalogue '.repeat(20_000)),
  member('V2\\a.sdp', ''),
  member('V2\\b.sdp', 'abc'),
  member('random.bin', random.bytes(150_001)),
  member('code.js', readFileSync('src/core/ports.ts')),
  member('exact.bin', Buffer.alloc(32_768, 1)),
];

function writeTo(folder: string, members: readonly CabinetMember[], signatureReserve = false): Buffer {
  const path = join(folder, 'out.cab');
  const { sizeBytes } = writeCabinet(members, path, { signatureReserve });
  const bytes = readFileSync(path);
  assert.equal(bytes.length, sizeBytes);
  return bytes;
}

const contentOf = (one: CabinetMember): Buffer =>
  'bytes' in one.content ? Buffer.from(one.content.bytes) : readFileSync(one.content.path);

function limitOf(members: readonly CabinetMember[], folder: string): PermanentError {
  try {
    writeCabinet(members, join(folder, 'no.cab'), { signatureReserve: false });
  } catch (error) {
    assert.ok(error instanceof PermanentError);
    assert.equal(existsSync(join(folder, 'no.cab')), false, 'nothing is left behind');
    return error;
  }
  throw new assert.AssertionError({ message: 'the cabinet was written' });
}

describe('a written cabinet', () => {
  for (const signatureReserve of [false, true]) {
    test(`is read by cabextract, 7z and gcab, reserve ${signatureReserve}`, (t) => {
      const folder = temporaryFolder(t);
      writeTo(folder, MIXED, signatureReserve);
      for (const [program, args] of [
        ['cabextract', ['-t', 'out.cab']],
        ['7z', ['t', 'out.cab']],
        ['gcab', ['-t', 'out.cab']],
      ] as const) {
        if (mustRun(t, program, args, folder) === null) return;
      }
      mkdirSync(join(folder, 'x'));
      mustRun(t, 'cabextract', ['-q', '-d', 'x', 'out.cab'], folder);
      for (const one of MIXED) {
        const path = join(folder, 'x', ...one.name.split('\\'));
        assert.deepEqual(readFileSync(path), contentOf(one), one.name);
      }
    });
  }

  test('keeps the time that was given, in UTC', (t) => {
    const folder = temporaryFolder(t);
    const bytes = writeTo(folder, [member('a', 'x'), member('b', 'x', '2031-07-01T00:00:00+02:00')]);
    const listed = mustRun(t, 'cabextract', ['-l', 'out.cab'], folder);
    if (listed === null) return;
    assert.match(listed.output, /29\.02\.2024 23:59:58 \| a/);
    assert.match(listed.output, /30\.06\.2031 22:00:00 \| b/);
    assert.equal(readCabinet(bufferSource(bytes)).members[0]?.modified, '2024-02-29T23:59:58');
  });

  test('clamps times to what the format has', () => {
    assert.deepEqual(toDosTime(new Date('1970-01-01T00:00:00Z')), { date: (1 << 5) | 1, time: 0 });
    assert.deepEqual(toDosTime(new Date('nonsense')), { date: (1 << 5) | 1, time: 0 });
    assert.equal(toDosTime(new Date('2200-01-01T00:00:00Z')).date >>> 9, 127);
  });

  test('marks a name as UTF-8 only where it is not ASCII', (t) => {
    const folder = temporaryFolder(t);
    const bytes = writeTo(folder, [member('plain.txt', 'a'), member('\u00dcn\u00efcode.dll', 'b')]);
    const { members } = readCabinet(bufferSource(bytes));
    assert.deepEqual(
      members.map(({ name, attributes }) => ({ name, attributes })),
      [
        { name: 'plain.txt', attributes: 0x20 },
        { name: '\u00dcn\u00efcode.dll', attributes: 0xa0 },
      ],
    );
    const tested = mustRun(t, 'cabextract', ['-l', 'out.cab'], folder);
    if (tested !== null) assert.match(tested.output, /\u00dcn\u00efcode\.dll/);
  });

  test('is the same for the same input, from memory and from files', (t) => {
    const folder = temporaryFolder(t);
    const first = writeTo(folder, MIXED);
    const fromFiles = MIXED.map((one, index) => {
      const path = join(folder, `m${index}`);
      writeFileSync(path, contentOf(one));
      return { ...one, content: { path } };
    });
    assert.deepEqual(writeTo(folder, fromFiles), first);
    // The form is fixed: a change of these bytes changes what was signed before. (zlib's own output may move.)
    assert.equal(first.toString('latin1', 0, 4), 'MSCF');
    assert.equal(first.readUInt16LE(28), MIXED.length);
  });

  test('differs with and without the signature reserve by 24 bytes of header', (t) => {
    const folder = temporaryFolder(t);
    const plain = writeTo(folder, MIXED, false);
    const reserved = writeTo(folder, MIXED, true);
    assert.equal(reserved.length, plain.length + 24);
    assert.equal(reserved.toString('hex', 30, 32), '0400');
    assert.equal(reserved.toString('hex', 36, 60), `14000000${'00'.repeat(20)}`);
    const dataAt = readCabinet(bufferSource(plain)).tablesEnd;
    assert.deepEqual(reserved.subarray(dataAt + 24), plain.subarray(dataAt));
  });

  test('stores what does not compress, within the limit of a block, and gains by history', (t) => {
    const folder = temporaryFolder(t);
    const noise = pseudoRandom(3).bytes(32_768 * 3);
    const stored = writeTo(folder, [member('noise', noise)]);
    assert.equal(stored.length, CAB.headerBytes + 8 + 16 + 6 + 3 * (8 + 7 + 32_768));
    // Every 24,000 bytes the same: each later block is in the history of the one before, not in itself.
    const period = pseudoRandom(4)
      .bytes(24_000)
      .map((byte) => byte & 0x3f);
    const repeated = writeTo(folder, [member('r', Buffer.concat([period, period, period, period]))]);
    assert.ok(repeated.length < 20_000, `${repeated.length}`);
  });

  test('holds only empty files too', (t) => {
    const folder = temporaryFolder(t);
    const bytes = writeTo(folder, [member('a', ''), member('b', '')]);
    assert.deepEqual(
      [...readCabinet(bufferSource(bytes)).extractAll(10)].map(({ bytes: content }) => content.length),
      [0, 0],
    );
    mustRun(t, 'cabextract', ['-t', 'out.cab'], folder);
  });
});

test('what is written is what is read (any members)', (t) => {
  const folder = temporaryFolder(t);
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4000 }))
      .map(([unit, times]) => Buffer.concat(Array.from({ length: times }, () => unit))),
    fc.integer({ min: 1, max: 100_000 }).map((length) => pseudoRandom(length).bytes(length)),
  );
  const name = fc.stringMatching(/^[a-zA-Z0-9_\-\u00e4\u4e2d]{1,20}$/);
  const members = fc.uniqueArray(fc.record({ name, content }), {
    minLength: 1,
    maxLength: 12,
    selector: (one) => one.name.toUpperCase(),
  });
  fc.assert(
    fc.property(members, fc.boolean(), (chosen, reserve) => {
      const bytes = writeTo(
        folder,
        chosen.map((one) => member(one.name, one.content)),
        reserve,
      );
      const cabinet = readCabinet(bufferSource(bytes));
      const read = [...cabinet.extractAll(1 << 30)].map((one) => [one.member.name, sha256(one.bytes)]);
      assert.deepEqual(
        read,
        chosen.map((one) => [one.name, sha256(one.content)]),
      );
    }),
    { numRuns: 60, seed: 42 },
  );
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('limits are refused before anything is written', () => {
  const refusals: readonly (readonly [string, readonly CabinetMember[], RegExp])[] = [
    ['no member', [], /needs a member/],
    ['too many members', Array.from({ length: 65_536 }, (_, i) => member(`f${i}`, '')), /too many members/],
    ['a name of 256 bytes', [member('n'.repeat(256), '')], /longer than 255/],
    ['a parent folder', [member('a\\..\\b', '')], /leaves its folder/],
    ['a drive', [member('C:\\x', '')], /drive/],
    ['an absolute path', [member('\\x', '')], /absolute/],
    ['a network path', [member('\\\\server\\x', '')], /absolute/],
    ['a slash', [member('V2/x.sdp', '')], /character/],
    ['a zero', [member('a\0b', '')], /character/],
    ['an empty part', [member('a\\\\b', '')], /empty part/],
    ['a broken surrogate', [member('a\ud800', '')], /Unicode/],
    ['a final dot', [member('a.', '')], /dot or a blank/],
    ['the same name twice', [member('Setup.exe', ''), member('SETUP.EXE', '')], /same name/],
  ];
  for (const [title, members, message] of refusals) {
    test(title, (t) => {
      const error = limitOf(members, temporaryFolder(t));
      assert.equal(error.code, 'cabinet.limit');
      assert.match(error.message, message);
    });
  }

  test('a file of more than 65,535 blocks, and files that pass it together', (t) => {
    const folder = temporaryFolder(t);
    const [large, small] = [join(folder, 'large'), join(folder, 'small')];
    writeFileSync(large, '');
    writeFileSync(small, '1');
    truncateSync(large, CAB.maxFolderBytes + 1);
    const of = (path: string, name: string): CabinetMember => ({
      name,
      modified: MODIFIED,
      content: { path },
    });
    assert.match(limitOf([of(large, 'a')], folder).message, /member is too large/);
    truncateSync(large, CAB.maxFolderBytes);
    assert.match(limitOf([of(large, 'a'), of(small, 'b')], folder).message, /too large together/);
  });

  test('a member that is not there', (t) => {
    const folder = temporaryFolder(t);
    const gone = { name: 'a', modified: MODIFIED, content: { path: join(folder, 'gone') } };
    assert.equal(limitOf([gone], folder).code, 'content.missing');
  });
});

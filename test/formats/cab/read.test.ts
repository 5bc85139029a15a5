import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { readCabinet, writeCabinet } from '../../../src/formats/cab/index.js';
import { blockChecksum } from '../../../src/formats/cab/structure.js';
import { mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

const MODIFIED = '2024-01-01T00:00:00Z';

function sample(folder: string): { readonly bytes: Buffer; readonly contents: ReadonlyMap<string, Buffer> } {
  const contents = new Map<string, Buffer>([
    ['one.txt', Buffer.from('the first file '.repeat(4000))],
    ['two.bin', pseudoRandom(9).bytes(50_000)],
    ['three.txt', Buffer.from('three')],
  ]);
  const members = [...contents].map(([name, bytes]) => ({ name, modified: MODIFIED, content: { bytes } }));
  writeCabinet(members, join(folder, 's.cab'), { signatureReserve: true });
  return { bytes: readFileSync(join(folder, 's.cab')), contents };
}

/** Reads everything; a PermanentError is an answer, anything else is not. */
function readAll(bytes: Buffer): ReadonlyMap<string, Buffer> | PermanentError {
  try {
    const cabinet = readCabinet(bufferSource(bytes), { maxDecodedBytes: 1 << 24 });
    return new Map(
      [...cabinet.extractAll(1 << 24)].map(({ member, bytes: content }) => [member.name, content]),
    );
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
}

describe('cabinets of other makers', () => {
  for (const flag of ['-z', '-n']) {
    test(`gcab ${flag}`, (t) => {
      const folder = temporaryFolder(t);
      const contents = {
        'a.txt': Buffer.from('text '.repeat(30_000)),
        'b.bin': pseudoRandom(5).bytes(70_000),
      };
      for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes);
      if (mustRun(t, 'gcab', ['-c', flag, 'g.cab', 'a.txt', 'b.bin'], folder) === null) return;
      const read = readAll(readFileSync(join(folder, 'g.cab')));
      assert.deepEqual(read, new Map(Object.entries(contents)));
    });
  }

  test("Lenovo's catalogue header, as Microsoft's tools made it, has a signature reserve", (t) => {
    let head: Buffer;
    try {
      head = readFileSync('../shared/samples/catalogs/lenovo-2020-v3/cab-header-first-64-bytes.bin');
    } catch {
      return t.skip('../shared is absent');
    }
    assert.throws(() => readCabinet(bufferSource(head)), { code: 'cabinet.malformed', message: /cut off/ });
  });
});

/** Two folders, one stored and one MSZIP, reserves in header, folders and blocks, one checksum of 0. */
function handMade(): Buffer {
  const reserve = Buffer.from('abcd');
  const block = (plain: string, data: Buffer, checked: boolean): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(data.length, 4);
    head.writeUInt16LE(plain.length, 6);
    if (checked) head.writeUInt32LE(blockChecksum(data, plain.length, reserve), 0);
    return Buffer.concat([head, reserve, data]);
  };
  const [first, second] = ['stored text', 'packed text '.repeat(50)];
  const packed = deflateRawSync(second);
  const blocks = [
    block(first, Buffer.from(first), true),
    block(second, Buffer.concat([Buffer.from('CK'), packed]), false),
  ] as const;
  const file = (name: string, sizeBytes: number, folder: number): Buffer => {
    const row = Buffer.alloc(16);
    row.writeUInt32LE(sizeBytes, 0);
    row.writeUInt16LE(folder, 8);
    row.writeUInt16LE((44 << 9) | (1 << 5) | 1, 10);
    return Buffer.concat([row, Buffer.from(`${name}\0`)]);
  };
  const files = Buffer.concat([file('a', first.length, 0), file('b', second.length, 1)]);
  const filesAt = 36 + 4 + 3 + 2 * (8 + 2);
  const dataAt = filesAt + files.length;
  const folder = (at: number, type: number): Buffer => {
    const row = Buffer.alloc(10);
    row.writeUInt32LE(at, 0);
    row.writeUInt16LE(1, 4);
    row.writeUInt16LE(type, 6);
    return row;
  };
  const folders = Buffer.concat([folder(dataAt, 0), folder(dataAt + blocks[0].length, 1)]);
  const head = Buffer.alloc(43);
  head.write('MSCF');
  head.writeUInt32LE(dataAt + blocks[0].length + blocks[1].length, 8);
  head.writeUInt32LE(filesAt, 16);
  head.write('0301', 24, 'hex');
  head.writeUInt16LE(2, 26);
  head.writeUInt16LE(2, 28);
  head.writeUInt16LE(4, 30);
  head.writeUInt16LE(3, 36);
  head.writeUInt8(2, 38);
  head.writeUInt8(4, 39);
  return Buffer.concat([head, folders, files, ...blocks]);
}

test('several folders, reserves everywhere, an unchecked block: as 7z reads them', (t) => {
  const folder = temporaryFolder(t);
  const bytes = handMade();
  const read = readAll(bytes);
  assert.ok(!(read instanceof PermanentError), String(read));
  assert.equal(read.get('a')?.toString(), 'stored text');
  assert.equal(read.get('b')?.toString(), 'packed text '.repeat(50));
  writeFileSync(join(folder, 'h.cab'), bytes);
  if (mustRun(t, '7z', ['x', '-y', 'h.cab'], folder) === null) return;
  for (const [name, content] of read) assert.deepEqual(readFileSync(join(folder, name)), content);
});

describe('a reader of hostile cabinets', () => {
  test('extracts in any order, and refuses what is larger than asked for', (t) => {
    const { bytes, contents } = sample(temporaryFolder(t));
    const cabinet = readCabinet(bufferSource(bytes));
    for (const name of ['three.txt', 'ONE.TXT', 'two.bin', 'one.txt']) {
      const found = cabinet.find(name);
      assert.ok(found);
      assert.deepEqual(cabinet.extract(found, 1 << 20), contents.get(found.name));
    }
    assert.equal(cabinet.find('four.txt'), null);
    const [first] = cabinet.members;
    assert.ok(first);
    assert.throws(() => cabinet.extract(first, 10), {
      code: 'cabinet.malformed',
      expected: 'at most 10 bytes',
    });
    assert.throws(() => [...cabinet.extractAll(70_000)], { code: 'cabinet.malformed' });
  });

  test('decodes no more than its budget', (t) => {
    const { bytes } = sample(temporaryFolder(t));
    const cabinet = readCabinet(bufferSource(bytes), { maxDecodedBytes: 40_000 });
    assert.throws(() => [...cabinet.extractAll(1 << 20)], { message: /costs too much/ });
  });

  const headerFaults: readonly (readonly [string, (bytes: Buffer) => void, RegExp])[] = [
    ['magic', (bytes) => bytes.write('MSCG'), /not a cabinet/],
    ['version', (bytes) => bytes.writeUInt8(2, 25), /version/],
    ['a set of cabinets', (bytes) => bytes.writeUInt16LE(6, 30), /set of cabinets/],
    ['total size', (bytes) => bytes.writeUInt32LE(bytes.length + 1, 8), /cut off/],
    ['file table in the header', (bytes) => bytes.writeUInt32LE(40, 16), /overlaps/],
    ['file table behind the end', (bytes) => bytes.writeUInt32LE(bytes.length, 16), /no end/],
    ['more files than there are', (bytes) => bytes.writeUInt16LE(60_000, 28), /no folder|no end/],
    ['reserve', (bytes) => bytes.writeUInt16LE(60_001, 36), /reserve is too large/],
    ['data in the tables', (bytes) => bytes.writeUInt32LE(0, 60), /overlaps the tables/],
    ['fewer blocks than files need', (bytes) => bytes.writeUInt16LE(1, 64), /longer than its folder/],
    ['a folder that is not there', (bytes) => bytes.writeUInt16LE(0xfffd, 68 + 8), /no folder/],
    ['a file behind its folder', (bytes) => bytes.writeUInt32LE(0x7fffffff, 68), /longer than its folder/],
  ];
  for (const [title, change, message] of headerFaults) {
    test(`refuses a wrong ${title}`, (t) => {
      const bytes = Buffer.from(sample(temporaryFolder(t)).bytes);
      change(bytes);
      const answer = readAll(bytes);
      assert.ok(answer instanceof PermanentError);
      assert.equal(answer.code, 'cabinet.malformed');
      assert.match(answer.message, message);
    });
  }

  test('says that Quantum is another way of compressing', (t) => {
    const bytes = Buffer.from(sample(temporaryFolder(t)).bytes);
    bytes.writeUInt16LE(0x0472, 66);
    const answer = readAll(bytes);
    assert.equal(answer instanceof PermanentError && answer.code, 'cabinet.unsupported');
  });

  test('finds a flipped byte of the data by its checksum', (t) => {
    const bytes = Buffer.from(sample(temporaryFolder(t)).bytes);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100);
    const answer = readAll(bytes);
    assert.ok(answer instanceof PermanentError);
    assert.match(answer.message, /checksum/);
  });

  test('answers 2,000 flips and cuts with the right content or a PermanentError', (t) => {
    const { bytes, contents } = sample(temporaryFolder(t));
    const random = pseudoRandom(2024);
    const head = readCabinet(bufferSource(bytes)).tablesEnd + 200;
    let refused = 0;
    for (let round = 0; round < 2000; round += 1) {
      const hostile = Buffer.from(round % 5 === 0 ? bytes.subarray(0, random.next(bytes.length)) : bytes);
      // Half of the flips in the tables, where a byte decides most.
      const at = random.next(round % 2 === 0 ? Math.min(head, hostile.length || 1) : hostile.length || 1);
      if (hostile.length > 0) hostile.writeUInt8(hostile.readUInt8(at) ^ (1 << random.next(8)), at);
      const answer = readAll(hostile);
      if (answer instanceof PermanentError) refused += 1;
      else assert.equal(answer.size <= contents.size, true);
    }
    assert.ok(refused > 1200, `${refused} refused`);
  });
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bufferSource } from '../../../../src/core/bytes.js';
import { PermanentError } from '../../../../src/core/errors.js';
import { readCabinet } from '../../../../src/formats/cab/index.js';
import { runProgram, temporaryFolder } from '../../programs.js';
import { type BlockKind, encodeLzx, lzxCabinet, translateCalls } from './encoder.js';

/** The same bytes for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Words that come again near and far, some noise, long runs, and calls as programs have them. */
function sampleText(sizeBytes: number, seed: number): Buffer {
  const random = createRandom(seed);
  const words = Array.from({ length: 300 }, () =>
    Buffer.from(Array.from({ length: 2 + Math.floor(random() * 30) }, () => Math.floor(random() * 256))),
  );
  const parts: Buffer[] = [];
  for (let length = 0; length < sizeBytes; length += parts.at(-1)?.length ?? 0) {
    const kind = random();
    if (kind < 0.02) parts.push(Buffer.alloc(Math.floor(random() * 3000), Math.floor(random() * 256)));
    else if (kind < 0.1)
      parts.push(Buffer.from([0xe8, ...Array.from({ length: 4 }, () => Math.floor(random() * 256))]));
    else parts.push(words[Math.floor(random() ** 2 * words.length)] ?? Buffer.alloc(1));
  }
  return Buffer.concat(parts).subarray(0, sizeBytes);
}

function plainOf(cabinet: Buffer): Buffer {
  const read = readCabinet(bufferSource(cabinet));
  const [member] = read.members;
  assert.ok(member);
  return read.extract(member, 1 << 26);
}

const mixed: { kind: BlockKind; size: number }[] = [
  { kind: 'verbatim', size: 50_000 },
  { kind: 'aligned', size: 70_001 },
  { kind: 'uncompressed', size: 4_321 },
  { kind: 'uncompressed', size: 32_768 },
  { kind: 'aligned', size: 9 },
];

const CASES = [
  ...[15, 16, 17, 18, 19, 20, 21].map((windowBits) => ({
    windowBits,
    sizeBytes: 300_000,
    blocks: mixed,
    callFileBytes: undefined,
  })),
  { windowBits: 15, sizeBytes: 1, blocks: mixed, callFileBytes: undefined },
  {
    windowBits: 15,
    sizeBytes: 32_768,
    blocks: [{ kind: 'uncompressed' as const, size: 40_001 }],
    callFileBytes: undefined,
  },
  {
    windowBits: 16,
    sizeBytes: 200_000,
    blocks: [{ kind: 'uncompressed' as const, size: 32_767 }],
    callFileBytes: undefined,
  },
  {
    windowBits: 21,
    sizeBytes: 2_500_000,
    blocks: [{ kind: 'aligned' as const, size: 1_000_000 }],
    callFileBytes: undefined,
  },
  { windowBits: 18, sizeBytes: 150_000, blocks: mixed, callFileBytes: 120_000 },
  {
    windowBits: 21,
    sizeBytes: 150_000,
    blocks: [{ kind: 'verbatim' as const, size: 60_000 }],
    callFileBytes: 12_000_000,
  },
];

describe('LZX', () => {
  for (const [index, { windowBits, sizeBytes, blocks, callFileBytes }] of CASES.entries()) {
    const what = `${windowBits} bits, ${sizeBytes} bytes, ${blocks.map(({ kind }) => kind).join(' ')}`;
    test(`${what}${callFileBytes ? ', calls' : ''}: what is packed is read, as cabextract reads it`, (t) => {
      const plain = sampleText(sizeBytes, index + 1);
      const translated = callFileBytes === undefined ? plain : translateCalls(plain, callFileBytes);
      const frames = encodeLzx(translated, { windowBits, blocks, ...(callFileBytes && { callFileBytes }) });
      const cabinet = lzxCabinet(frames, windowBits);
      assert.ok(plainOf(cabinet).equals(plain), 'ours');
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, 'a.cab'), cabinet);
      const run = runProgram('cabextract', ['-q', '-d', folder, 'a.cab'], folder);
      if (run === null) return t.diagnostic('cabextract is not installed: read by us alone');
      assert.equal(run.status, 0, run.output);
      assert.ok(readFileSync(join(folder, 'member.bin')).equals(plain), 'cabextract');
    });
  }

  test('members are read in any order, each folder from its beginning', () => {
    const plain = sampleText(100_000, 99);
    const cabinet = lzxCabinet(encodeLzx(plain, { windowBits: 17, blocks: mixed }), 17);
    const read = readCabinet(bufferSource(cabinet));
    const [member] = read.members;
    assert.ok(member);
    assert.ok(read.extract(member, 1 << 20).equals(plain));
    assert.ok(read.extract(member, 1 << 20).equals(plain), 'again');
  });

  test('changed bytes are an error or other bytes, never more and never for ever', () => {
    const plain = sampleText(70_000, 7);
    const cabinet = lzxCabinet(encodeLzx(plain, { windowBits: 16, blocks: mixed }), 16);
    const random = createRandom(5);
    let refused = 0;
    for (let round = 0; round < 300; round += 1) {
      const changed = Buffer.from(cabinet);
      for (let n = 0; n < 1 + (round % 3); n += 1)
        changed[71 + Math.floor(random() * (changed.length - 71))] = Math.floor(random() * 256);
      try {
        assert.equal(plainOf(changed).length, plain.length);
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
        assert.equal(error.code, 'cabinet.malformed');
        refused += 1;
      }
    }
    assert.ok(refused > 100, String(refused));
  });

  test('a window that no LZX has is refused', () => {
    assert.throws(
      () => plainOf(lzxCabinet(encodeLzx(Buffer.from('abc'), { windowBits: 15, blocks: mixed }), 22)),
      {
        code: 'cabinet.malformed',
      },
    );
  });
});

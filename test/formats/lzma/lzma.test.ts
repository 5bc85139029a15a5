import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PermanentError } from '../../../src/core/errors.js';
import { decodeLzma } from '../../../src/formats/lzma/index.js';
import { mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

/** liblzma encodes; its `.lzma` header has eight bytes of length between the properties and the stream. One start for all. */
const ENCODE = `import lzma, sys
for at in range(1, len(sys.argv), 6):
    plain, coded = sys.argv[at:at + 2]
    lc, lp, pb, mode = (int(word) for word in sys.argv[at + 2:at + 6])
    coder = {'id': lzma.FILTER_LZMA1, 'lc': lc, 'lp': lp, 'pb': pb, 'dict_size': 1 << 16, 'mode': mode}
    out = lzma.compress(open(plain, 'rb').read(), format=lzma.FORMAT_ALONE, filters=[coder])
    open(coded, 'wb').write(out[:5] + out[13:])
`;
const TEXT = Buffer.from('Setup writes what the script says. '.repeat(40), 'utf16le');

function samples(): readonly Buffer[] {
  const { next, bytes } = pseudoRandom(7);
  const noise = bytes(5000);
  const mixed = Buffer.concat(
    Array.from({ length: 300 }, () => {
      const from = next(4000);
      return next(2) === 0 ? noise.subarray(from, from + next(300)) : TEXT.subarray(0, next(400));
    }),
  );
  return [Buffer.alloc(0), Buffer.from('a'), TEXT, noise, Buffer.alloc(70_000, 'ab'), mixed];
}

test('what liblzma encodes is decoded, whatever its properties', (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  writeFileSync(at('encode.py'), ENCODE);
  const properties = ['3 0 2 2', '0 2 0 1', '4 0 4 2'];
  const cases = samples().flatMap((data, sample) => {
    writeFileSync(at(`${sample}`), data);
    return properties.map((words, n) => ({
      data,
      words,
      plain: at(`${sample}`),
      coded: at(`${sample}-${n}`),
    }));
  });
  const args = cases.flatMap(({ plain, coded, words }) => [plain, coded, ...words.split(' ')]);
  if (mustRun(t, 'python3', [at('encode.py'), ...args], folder) === null) return;
  for (const { data, words, coded } of cases) {
    const stream = readFileSync(coded);
    assert.ok(decodeLzma(stream, 1 << 20).equals(data), `${data.length} bytes, ${words}`);
    const half = data.length >> 1;
    assert.ok(decodeLzma(stream, half).equals(data.subarray(0, half)), 'no more than was asked for');
    const cut = decodeLzma(stream.subarray(0, Math.max(10, stream.length >> 1)), 1 << 20);
    assert.ok(data.subarray(0, cut.length).equals(cut), 'a stream that is cut short gives its beginning');
  }
});

test('a stream that is none is refused', () => {
  for (const hex of ['', '5d0000', `ff000001000000000000`, `5d000001000100000000`]) {
    assert.throws(() => decodeLzma(Buffer.from(hex, 'hex'), 100), { code: 'installer.malformed' });
  }
});

test('random bytes never do more than was asked for, and fail in one way only', () => {
  const { next, bytes } = pseudoRandom(20261124);
  for (let round = 0; round < 400; round++) {
    const stream = bytes(10 + next(400));
    stream[0] = next(225);
    stream[5] = 0;
    try {
      assert.ok(decodeLzma(stream, 50_000).length <= 50_000);
    } catch (error) {
      assert.ok(error instanceof PermanentError && error.code === 'installer.malformed', String(error));
    }
  }
});

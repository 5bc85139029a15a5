import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { DigestMismatch, downloadContent } from '../../../src/verification/wusp/content.js';
import { type Asked, stubServer } from './stub-server.js';

const MIB = 1 << 20;
const content = Buffer.alloc(3 * MIB + 5, 'the content of an update ');
const digest = (algorithm: string) => createHash(algorithm).update(content).digest('base64');
const file = {
  fileName: 'item.cab',
  sizeBytes: content.length,
  sha1: digest('sha1'),
  sha256: digest('sha256'),
};
const RANGES = [0, MIB, 2 * MIB, 3 * MIB].map(
  (start) => `bytes=${start}-${Math.min(start + MIB, content.length) - 1}`,
);

const folder = mkdtempSync(join(tmpdir(), 'content-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Answer = (response: ServerResponse, range: { start: number; end: number }) => void;
interface Head {
  readonly etag?: string;
  readonly range?: string;
  readonly bytes?: Buffer;
}

/** The range that was asked for, but for what is said. */
const part =
  ({ etag = '"one"', range, bytes }: Head = {}): Answer =>
  (response, { start, end }) => {
    response.writeHead(206, {
      'content-range': range ?? `bytes ${start}-${end}/${content.length}`,
      ...(etag === '' ? {} : { etag }),
    });
    response.end(bytes ?? content.subarray(start, end + 1));
  };
const broken: Answer = (response, { start, end }) => {
  response.writeHead(206, {
    'content-range': `bytes ${start}-${end}/${content.length}`,
    'content-length': end - start + 1,
    etag: '"one"',
  });
  response.write(content.subarray(start, start + 1000), () => response.socket?.destroy());
};

let files = 0;

/** A server that gives the answers in turn, and then each range as it is asked for. */
async function open(t: TestContext, answers: readonly Answer[]) {
  files += 1;
  const path = join(folder, `${files}.cab`);
  const left = [...answers];
  const { base, asked } = await stubServer(t, ({ headers }: Asked) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(String(headers.range)) ?? [];
    const answer = left.shift() ?? part();
    return (response) => answer(response, { start: Number(start), end: Number(end) });
  });
  const transport = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 5000 });
  t.after(() => transport.close());
  return {
    path,
    transport,
    download: () => downloadContent(transport, `${base}/Content/AB/FILE.cab`, file, path),
    ranges: () => asked.map(({ headers }) => headers.range),
    validators: () => asked.map(({ headers }) => headers['if-range']),
    /** What is there of this download, under whatever name. */
    left: () => readdirSync(folder).filter((name) => name.startsWith(`${files}.`)),
  };
}

describe('a download', () => {
  test('goes on from the range in which a connection broke, with the same file', async (t) => {
    const { download, path, ranges, validators, left } = await open(t, [part(), broken, broken]);
    await download();
    assert.ok(readFileSync(path).equals(content));
    assert.deepEqual(ranges(), [RANGES[0], RANGES[1], RANGES[1], ...RANGES.slice(1)]);
    assert.deepEqual(validators().slice(0, 2), [undefined, '"one"']);
    assert.deepEqual(left(), [`${files}.cab`]);
    const before = ranges().length;
    await download();
    assert.equal(ranges().length, before, 'what is there is not asked for again');
    writeFileSync(path, Buffer.alloc(content.length));
    await download();
    assert.ok(readFileSync(path).equals(content), 'another file of that size is');
  });

  test('that broke off goes on in the next attempt, and tells no file before it is whole', async (t) => {
    const { download, path, ranges, left } = await open(t, [part(), part(), broken, broken, broken]);
    await assert.rejects(download(), { code: 'cmg.unreachable' });
    assert.equal(existsSync(path), false);
    assert.deepEqual(left(), [`${files}.cab.etag`, `${files}.cab.part`]);
    const before = ranges().length;
    await download();
    assert.deepEqual(ranges().slice(before), RANGES.slice(2));
    assert.ok(readFileSync(path).equals(content));
    assert.deepEqual(left(), [`${files}.cab`]);
  });

  test('without a strong validator begins anew in the next attempt', async (t) => {
    const weak = part({ etag: 'W/"one"' });
    const { download, path, ranges, validators } = await open(
      t,
      [weak, broken, broken, broken].map((one) => one),
    );
    await assert.rejects(download(), { code: 'cmg.unreachable' });
    const before = ranges().length;
    await download();
    assert.deepEqual(ranges().slice(before), RANGES);
    assert.equal(validators()[1], undefined);
    assert.ok(readFileSync(path).equals(content));
  });

  const another = Buffer.alloc(content.length, 'another file ');
  const refused: readonly [string, readonly Answer[], object][] = [
    [
      'of a file that changed on the way',
      [part(), part({ etag: '"two"' })],
      {
        name: 'ContentUnavailable',
        message: /was another file before: its entity tag was "one" and is "two"/,
      },
    ],
    [
      'whose validator no longer holds',
      [part(), (response) => void response.writeHead(200, { etag: '"two"' }).end('short')],
      { name: 'ContentUnavailable', message: /is "two"/ },
    ],
    [
      'from a server that knows no ranges',
      [(response) => void response.writeHead(200).end('all of it')],
      { name: 'ContentUnavailable', message: /answered 200/ },
    ],
    [
      'that gets another range',
      [part(), part({ range: `bytes 0-${MIB - 1}/${content.length}` })],
      { code: 'protocol.violation' },
    ],
    [
      'that gets less than its range says',
      [part({ bytes: content.subarray(1) })],
      { code: 'protocol.violation' },
    ],
    [
      'that gets more than it asked for',
      [part({ bytes: content })],
      { code: 'protocol.violation', message: 'the update server answers with too much' },
    ],
    [
      'of a file that is longer than the metadata says',
      [part({ range: `bytes 0-${MIB - 1}/${content.length + 1}` })],
      { name: 'DigestMismatch', algorithm: 'size' },
    ],
    [
      'of other bytes',
      RANGES.map((_, index) =>
        part({ bytes: another.subarray(index * MIB, Math.min((index + 1) * MIB, content.length)) }),
      ),
      { name: 'DigestMismatch', algorithm: 'SHA-1' },
    ],
  ];
  for (const [name, answers, expected] of refused) {
    test(`${name} is refused, and nothing of it stays`, async (t) => {
      const { download, left } = await open(t, answers);
      await assert.rejects(download(), expected);
      assert.deepEqual(left(), []);
    });
  }

  test('whose SHA-256 alone is wrong is refused', async (t) => {
    const { transport, path } = await open(t, []);
    const { base } = await stubServer(t, ({ headers }: Asked) => (response) => {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(String(headers.range)) ?? [];
      part()(response, { start: Number(start), end: Number(end) });
    });
    await assert.rejects(downloadContent(transport, base, { ...file, sha256: file.sha1 }, path), (error) => {
      assert.ok(error instanceof DigestMismatch);
      return error.algorithm === 'SHA-256';
    });
  });
});

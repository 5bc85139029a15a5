import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { ResumePoint } from '../../src/core/ports.js';
import { strongValidator } from '../../src/net/resume.js';
import { type Answering, feedRequest, withVendor } from './server.js';

const WHOLE = Buffer.from('0123456789abcdefghij');
const FROM: ResumePoint = { offsetBytes: 12, totalBytes: WHOLE.length, validator: '"v1"' };

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const piece of body) text += piece.toString();
  return text;
}

type Part = (response: ServerResponse) => void;
const part =
  (range: string, body: string, headers: Record<string, string> = {}): Part =>
  (response) =>
    response.writeHead(206, { 'content-range': range, etag: '"v1"', ...headers }).end(body);

test('the rest is asked for under the validator, and begins where it says', async () => {
  const answer: Answering = (request, response) => {
    assert.equal(request.headers.range, 'bytes=12-');
    assert.equal(request.headers['if-range'], '"v1"');
    part('bytes 12-19/20', 'cdefghij')(response);
  };
  await withVendor(answer, async ({ client, seen }) => {
    const { body, offsetBytes, totalBytes } = await client.download(feedRequest('/', { resume: FROM }));
    assert.deepEqual([await textOf(body), offsetBytes, totalBytes], ['cdefghij', 12, null]);
    assert.equal(seen.length, 1);
  });
});

test('a file that has changed is given whole at once', async () => {
  const answer: Answering = (_request, response) =>
    response.writeHead(200, { etag: '"v2"', 'content-length': '20' }).end(WHOLE);
  await withVendor(answer, async ({ client, seen }) => {
    const { body, ...rest } = await client.download(feedRequest('/', { resume: FROM }));
    assert.equal(await textOf(body), WHOLE.toString());
    assert.deepEqual([rest.offsetBytes, rest.totalBytes, rest.validator, seen.length], [0, 20, '"v2"', 1]);
  });
});

test('a part that is not exactly the rest of the same file begins anew', async () => {
  const lies: Readonly<Record<string, Part>> = {
    'another beginning': part('bytes 11-19/20', 'bcdefghij'),
    'the beginning': part('bytes 0-19/20', WHOLE.toString()),
    'another end': part('bytes 12-18/20', 'cdefghi'),
    'another whole': part('bytes 12-29/30', 'cdefghij0123456789'),
    'an unknown whole': part('bytes 12-19/*', 'cdefghij'),
    'another length': part('bytes 12-19/20', 'cdef', { 'content-length': '4' }),
    'another validator': part('bytes 12-19/20', 'cdefghij', { etag: '"v2"' }),
    'no validator': (response) =>
      response.writeHead(206, { 'content-range': 'bytes 12-19/20' }).end('cdefghij'),
    'an encoding': part('bytes 12-19/20', 'cdefghij', { 'content-encoding': 'gzip' }),
    'no range': (response) => response.writeHead(206).end('cdefghij'),
    'several parts': part('', '--x', { 'content-type': 'multipart/byteranges; boundary=x' }),
    'nothing that fits': (response) => response.writeHead(416, { 'content-range': 'bytes */5' }).end(),
  };
  for (const [what, lie] of Object.entries(lies)) {
    const answer: Answering = (request, response) => {
      if (request.headers.range !== undefined) lie(response);
      else response.writeHead(200, { 'content-length': '20' }).end(WHOLE);
    };
    await withVendor(answer, async ({ client, seen }) => {
      const { body, offsetBytes } = await client.download(feedRequest('/', { resume: FROM }));
      assert.deepEqual([await textOf(body), offsetBytes], [WHOLE.toString(), 0], what);
      assert.equal(seen[1]?.headers['if-range'], undefined, what);
    });
  }
});

test('a part that nobody asked for is refused', async () => {
  await withVendor(
    (_request, response) => part('bytes 0-3/20', '0123')(response),
    async ({ client }) => {
      await assert.rejects(client.download(feedRequest()), { code: 'download.refused', found: 'status 206' });
    },
  );
});

test('what is strong enough to go on by', () => {
  const modified = 'Tue, 24 Nov 2026 12:00:00 GMT';
  const cases: readonly [Record<string, string>, string | null][] = [
    [{ etag: '"v1"', 'last-modified': modified }, '"v1"'],
    [{ etag: 'W/"v1"', 'last-modified': modified, date: 'Tue, 24 Nov 2026 13:00:00 GMT' }, null],
    [{ etag: 'v1' }, null],
    [{ etag: '"a"b"' }, null],
    [{ 'last-modified': modified, date: 'Tue, 24 Nov 2026 12:00:01 GMT' }, modified],
    [{ 'last-modified': modified, date: modified }, null],
    [{ 'last-modified': modified }, null],
    [{ etag: '"v1"', 'content-encoding': 'gzip' }, null],
    [{}, null],
  ];
  for (const [headers, expected] of cases) {
    assert.equal(strongValidator(headers), expected, JSON.stringify(headers));
  }
});

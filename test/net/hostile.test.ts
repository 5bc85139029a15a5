import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Answering, feedRequest, withVendor } from './server.js';

const ENDLESS: Answering = (_request, response) => {
  const piece = Buffer.alloc(64 << 10, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
};

/** The server's end of a connection; a reset is a way to close it. */
function closed(request: IncomingMessage | undefined): Promise<void> {
  return new Promise((resolve) => request?.socket.once('close', () => resolve()));
}

async function readAll(body: AsyncIterable<Buffer>): Promise<number> {
  let sizeBytes = 0;
  for await (const piece of body) sizeBytes += piece.length;
  return sizeBytes;
}

test('a small answer that unfolds into a large one is stopped at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  assert.ok(bomb.length < 1 << 20, 'the bomb itself is under the limit');
  const answer: Answering = (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  };
  await withVendor(answer, async ({ client }) => {
    await assert.rejects(client.get(feedRequest()), {
      code: 'feed.malformed',
      expected: `at most ${1 << 20} bytes`,
    });
    const { body } = await client.download(feedRequest());
    await assert.rejects(readAll(body), { code: 'download.too-large' });
  });
});

test('a body without an end is stopped at the limit, and its connection closed', async () => {
  await withVendor(ENDLESS, async ({ client, seen }) => {
    await assert.rejects(client.get(feedRequest()), { code: 'feed.malformed' });
    const { body } = await client.download(feedRequest());
    const gone = closed(seen[1]);
    await assert.rejects(readAll(body), { code: 'download.too-large' });
    await gone;
  });
});

test('a length that is announced above the limit is refused before the body', async () => {
  const answer: Answering = (_request, response) => {
    response.writeHead(200, { 'content-length': String(5 << 20) }).write('x');
  };
  await withVendor(answer, async ({ client }) => {
    await assert.rejects(client.get(feedRequest()), { code: 'feed.malformed' });
    await assert.rejects(client.download(feedRequest()), { code: 'download.too-large' });
  });
});

test('the time is for the whole exchange: no answer, a slow body, a chain of redirects', async () => {
  const answer: Answering = (request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/redirects') {
      setTimeout(() => response.writeHead(302, { location: '/redirects' }).end(), 60);
      return;
    }
    response.writeHead(200);
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  };
  await withVendor(answer, async ({ client }) => {
    const hurried = (path: string, host = 0) => feedRequest(path, { timeoutMs: 200 }, `h${host}.vendor.test`);
    await assert.rejects(client.get(hurried('/silent')), {
      code: 'feed.unreachable',
      found: 'no answer',
    });
    await assert.rejects(client.get(hurried('/redirects', 1)), { code: 'feed.unreachable' });
    await assert.rejects(client.get(hurried('/drip', 2)), { found: 'an unfinished answer' });
    const { body } = await client.download(hurried('/drip', 3));
    await assert.rejects(readAll(body), { code: 'download.interrupted' });
  });
});

test('a body that breaks off, or is not the gzip it says, is an interruption', async () => {
  const answer: Answering = (request, response) => {
    if (request.url === '/gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is no gzip');
      return;
    }
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  };
  await withVendor(answer, async ({ client }) => {
    await assert.rejects(client.get(feedRequest('/half')), { code: 'feed.unreachable' });
    const { body } = await client.download(feedRequest('/half'));
    await assert.rejects(readAll(body), { code: 'download.interrupted' });
    await assert.rejects(client.get(feedRequest('/gzip', {}, 'h0.vendor.test')), {
      code: 'feed.unreachable',
    });
  });
});

test('a job that is stopped stops its transfer', async () => {
  await withVendor(ENDLESS, async ({ client }) => {
    const job = new AbortController();
    const request = feedRequest('/', { signal: job.signal, maxBytes: 1 << 30, timeoutMs: 60_000 });
    const { body } = await client.download(request);
    const read = readAll(body);
    job.abort(new Error('the lease was lost'));
    await assert.rejects(read, { code: 'download.interrupted', message: 'the download was stopped' });
    await assert.rejects(client.get(request), { code: 'feed.unreachable' });
  });
});

test('a reader that goes away closes the connection', async () => {
  await withVendor(ENDLESS, async ({ client, seen }) => {
    const { body } = await client.download(feedRequest('/', { maxBytes: 1 << 30 }));
    const gone = closed(seen[0]);
    body.destroy();
    await gone;
  });
});

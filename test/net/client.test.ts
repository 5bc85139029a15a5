import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createHttpClient } from '../../src/net/index.js';
import { makeIdentity } from '../lab/certificates.js';
import { AUTHORITY, type Answering, feedRequest, startVendor, withVendor } from './server.js';

test('a mapped host is reached at its port, by its own name', async () => {
  const answer: Answering = (request, response) => {
    response.setHeader('ETag', '"1"').end(`${request.headers.host} ${request.headers['user-agent']}`);
  };
  await withVendor(answer, async ({ client }) => {
    const response = await client.get(feedRequest('/feed'));
    assert.equal(response.status, 200);
    assert.equal(response.finalUrl, 'https://vendor.test/feed');
    assert.equal(response.headers.etag, '"1"');
    assert.equal(response.body.toString(), 'vendor.test patchpress-test');
  });
});

test('a certificate for another name, or of another authority, is not accepted', async () => {
  const answer: Answering = (_request, response) => response.end('secret');
  await withVendor(answer, async ({ client, place, seen }) => {
    const wrong = feedRequest('/', { url: 'https://wrong.test/' });
    await assert.rejects(client.get(wrong), { code: 'feed.unreachable', found: /altnames/i });
    const other = createHttpClient({
      userAgent: 'x',
      perHost: { concurrency: 1, requestsPerSecond: Number.POSITIVE_INFINITY },
      hosts: { 'vendor.test': place },
      ca: makeIdentity('Other Root', { usage: 'serverAuth' }, AUTHORITY).certificate,
    });
    await assert.rejects(other.get(feedRequest()), { code: 'feed.unreachable' });
    other.close();
    assert.equal(seen.length, 0);
  });
});

test('addresses that are not public are refused before anything is sent', async () => {
  const refused = [
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://0.0.0.0/',
    'https://localhost/',
    'http://vendor.test/',
    'file:///etc/passwd',
    'https://user:secret@vendor.test/',
    'not an address',
  ];
  const answer: Answering = (_request, response) => response.end();
  await withVendor(answer, async ({ client, seen }) => {
    for (const url of refused) {
      await assert.rejects(client.get(feedRequest('/', { url })), { code: 'feed.refused' }, url);
      await assert.rejects(client.download(feedRequest('/', { url })), { code: 'download.refused' }, url);
    }
    await assert.rejects(
      client.get(feedRequest('/', { url: 'https://user:secret@vendor.test/' })),
      (error: Error) => !JSON.stringify(error).includes('secret'),
    );
    assert.equal(seen.length, 0);
  });
});

test('a redirect is followed with its own check, and never to where we do not go', async () => {
  const targets: Record<string, string> = {
    '/ok': 'https://files.vendor.test/file',
    '/meta': 'https://169.254.169.254/latest',
    '/local': 'https://localhost/',
    '/six': 'https://[::1]/',
    '/plain': 'http://vendor.test/file',
    '/loop': '/loop',
  };
  const answer: Answering = (request, response) => {
    const target = targets[request.url ?? ''];
    if (target === undefined) response.end('there');
    else response.writeHead(302, { location: target }).end();
  };
  await withVendor(answer, async ({ client, seen }) => {
    const followed = await client.get(feedRequest('/ok'));
    assert.equal(followed.finalUrl, 'https://files.vendor.test/file');
    assert.equal(followed.body.toString(), 'there');
    for (const path of ['/meta', '/local', '/six', '/plain']) {
      await assert.rejects(client.get(feedRequest(path)), { code: 'feed.refused' }, path);
    }
    seen.length = 0;
    await assert.rejects(client.get(feedRequest('/loop')), { code: 'feed.refused', found: /Redirected 8/ });
    assert.equal(seen.length, 9);
  });
});

test('a token goes to its host only, not along a redirect', async () => {
  const answer: Answering = (request, response) => {
    if (request.url === '/go') response.writeHead(302, { location: 'https://files.vendor.test/there' }).end();
    else response.end(String(request.headers.authorization));
  };
  const tokens = { 'vendor.test': 'abc' };
  await withVendor(
    answer,
    async ({ client }) => {
      assert.equal((await client.get(feedRequest('/here'))).body.toString(), 'Bearer abc');
      assert.equal((await client.get(feedRequest('/go'))).body.toString(), 'undefined');
    },
    { tokens },
  );
});

test('a conditional request gets its 304, with the headers it sent', async () => {
  const answer: Answering = (request, response) => {
    response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200, { etag: '"1"' }).end();
  };
  await withVendor(answer, async ({ client }) => {
    const again = await client.get(feedRequest('/', { headers: { 'if-none-match': '"1"' } }));
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
    await assert.rejects(client.download(feedRequest('/', { headers: { 'if-none-match': '"1"' } })), {
      code: 'download.refused',
    });
  });
});

test('a status says whose fault it is', async () => {
  const cases: readonly [number, Record<string, string>, object, object][] = [
    [404, {}, { code: 'feed.refused', found: 'status 404' }, { code: 'download.refused' }],
    [403, {}, { code: 'feed.refused' }, { code: 'download.refused' }],
    [500, {}, { code: 'feed.unreachable' }, { code: 'download.unreachable' }],
    [
      429,
      { 'retry-after': '7' },
      { code: 'feed.busy', retryAfterMs: 7000 },
      { code: 'download.unreachable', retryAfterMs: 7000 },
    ],
    [503, {}, { code: 'feed.busy', retryAfterMs: undefined }, { code: 'download.unreachable' }],
    [
      503,
      { 'retry-after': 'soon' },
      { code: 'feed.busy', retryAfterMs: undefined },
      { code: 'download.unreachable' },
    ],
    [403, { 'x-ratelimit-remaining': '0' }, { code: 'feed.busy' }, { code: 'download.unreachable' }],
  ];
  let current = cases[0];
  const answer: Answering = (_request, response) =>
    response.writeHead(current?.[0] ?? 0, current?.[1]).end('no');
  await withVendor(answer, async ({ client }) => {
    for (const [index, one] of cases.entries()) {
      current = one;
      await assert.rejects(client.get(feedRequest('/', {}, `h${2 * index}.vendor.test`)), one[2]);
      await assert.rejects(client.download(feedRequest('/', {}, `h${2 * index + 1}.vendor.test`)), one[3]);
    }
  });
});

test('a server that is not there is unreachable', async () => {
  const { client, stop } = await startVendor(() => undefined);
  await stop();
  await assert.rejects(client.get(feedRequest()), { code: 'feed.unreachable', found: /ECONNREFUSED/ });
  await assert.rejects(client.download(feedRequest()), { code: 'download.unreachable' });
});

test('one host gets so many requests at a time', async () => {
  let open = 0;
  let most = 0;
  const answer: Answering = (_request, response) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      response.end('ok');
    }, 10);
  };
  await withVendor(
    answer,
    async ({ client, seen }) => {
      const all = await Promise.all(Array.from({ length: 12 }, () => client.get(feedRequest())));
      assert.equal(all.length, 12);
      assert.equal(most, 2);
      // A body that nobody reads keeps its slot until it is destroyed.
      seen.length = 0;
      const held = [await client.download(feedRequest()), await client.download(feedRequest())];
      const waiting = new AbortController();
      const third = client.get(feedRequest('/', { signal: waiting.signal }));
      waiting.abort(new Error('enough'));
      await assert.rejects(third, { code: 'feed.unreachable', message: 'the feed was stopped' });
      assert.equal(seen.length, 2);
      for (const { body } of held) {
        body.destroy();
        await once(body, 'close');
      }
      assert.equal((await client.get(feedRequest())).status, 200);
    },
    { perHost: { concurrency: 2, requestsPerSecond: Number.POSITIVE_INFINITY } },
  );
});

test('a question with a body is posted, and its answer read as any other', async () => {
  const answer: Answering = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => response.end(`${request.method} ${Buffer.concat(pieces)}`));
  };
  await withVendor(answer, async ({ client }) => {
    const posted = await client.get({ ...feedRequest('/'), body: '<request/>' });
    assert.equal(posted.body.toString(), 'POST <request/>');
    assert.equal((await client.get(feedRequest('/'))).body.toString(), 'GET ');
  });
});

test('where only the head is wanted, the installer behind the redirect is not read', async () => {
  let isClosed: Promise<unknown> | undefined;
  const answer: Answering = (request, response) => {
    if (request.url === '/latest') {
      response.writeHead(302, { location: '/app-1.2.exe' }).end();
      return;
    }
    isClosed = once(response, 'close');
    response.writeHead(200, { 'content-length': String(1 << 30), etag: '"1.2"' }).write('MZ');
  };
  await withVendor(answer, async ({ client }) => {
    const response = await client.get({ ...feedRequest('/latest', { maxBytes: 10 }), headOnly: true });
    assert.equal(response.finalUrl, 'https://vendor.test/app-1.2.exe');
    assert.equal(response.headers.etag, '"1.2"');
    assert.equal(response.body.length, 0);
    await isClosed;
  });
});

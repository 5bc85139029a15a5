import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, mock, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createHttpClient } from '../../src/net/index.js';
import { AUTHORITY, feedRequest, VENDOR } from './server.js';

/** What a hostile or broken host does with the connection, byte by byte, where no HTTP library would. */
type Misdeed = (socket: TLSSocket) => void;

const HEAD = 'HTTP/1.1 200 OK\r\n';
const say =
  (...pieces: readonly (string | Buffer)[]): Misdeed =>
  (socket) => {
    for (const piece of pieces) socket.write(piece);
  };
const sayAndClose =
  (...pieces: readonly (string | Buffer)[]): Misdeed =>
  (socket) => {
    say(...pieces)(socket);
    socket.end();
  };
const encoded = (encoding: string, body: Buffer): Misdeed =>
  say(`${HEAD}Content-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`, body);
/** Goes on for as long as anybody listens. */
const forEver =
  (start: string, piece: string | Buffer): Misdeed =>
  (socket) => {
    socket.write(start);
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
const ZEROS = Buffer.alloc(8 << 20);

const MISDEEDS: Readonly<Record<string, readonly [Misdeed, object]>> = {
  'no answer at all': [() => undefined, { code: 'feed.unreachable', found: 'no answer' }],
  'a connection that is closed at once': [(socket) => socket.end(), { code: 'feed.unreachable' }],
  'a connection that is cut': [(socket) => socket.destroy(), { code: 'feed.unreachable' }],
  'what is not HTTP': [say('SSH-2.0-OpenSSH_9.6\r\n'), { code: 'feed.unreachable', found: /Parse Error/ }],
  'half a head': [
    say('HTTP/1.1 200 OK\r\nServer: x\r\nX-'),
    { code: 'feed.unreachable', found: 'no answer' },
  ],
  'a head without an end': [forEver(HEAD, `X-Flood: ${'x'.repeat(1000)}\r\n`), { found: /Header overflow/ }],
  'a header without an end': [forEver(`${HEAD}X-Flood: `, 'x'.repeat(1000)), { found: /Header overflow/ }],
  'thousands of small headers': [
    sayAndClose(HEAD, 'a:b\r\n'.repeat(20_000), '\r\n'),
    { code: 'feed.unreachable', found: /Header overflow/ },
  ],
  'answers that only announce answers': [
    forEver('', 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    { code: 'feed.unreachable' },
  ],
  'two lengths': [
    say(`${HEAD}Content-Length: 2\r\nContent-Length: 5\r\n\r\nhello`),
    { found: /Parse Error/ },
  ],
  'a length and chunks': [
    say(`${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`),
    { found: /Parse Error/ },
  ],
  'a negative length': [say(`${HEAD}Content-Length: -1\r\n\r\nx`), { found: /Parse Error/ }],
  'a chunk of no size': [say(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), { found: /Parse Error/ }],
  'fewer bytes than announced': [
    sayAndClose(`${HEAD}Content-Length: 100\r\n\r\nshort`),
    { code: 'feed.unreachable' },
  ],
  'chunks that end early': [
    sayAndClose(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
    { code: 'feed.unreachable' },
  ],
  'chunks without an end': [
    forEver(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, `1000\r\n${'x'.repeat(4096)}\r\n`),
    { code: 'feed.malformed', expected: /at most/ },
  ],
  'a chunk extension without an end': [
    forEver(`${HEAD}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'.repeat(4096)),
    { code: 'feed.unreachable' },
  ],
  'trailers without an end': [
    forEver(`${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n`, `T: ${'x'.repeat(1000)}\r\n`),
    { code: 'feed.unreachable' },
  ],
  'more announced than allowed': [
    say(`${HEAD}Content-Length: 9000000000\r\n\r\nx`),
    { code: 'feed.malformed' },
  ],
  'a body up to the end of the connection, that has none': [
    forEver(`${HEAD}\r\n`, 'x'.repeat(4096)),
    { code: 'feed.malformed' },
  ],
  'a gzip bomb': [
    encoded('gzip', gzipSync(ZEROS)),
    { code: 'feed.malformed', message: /unfolds too far|more bytes/ },
  ],
  'a br bomb': [
    encoded('br', brotliCompressSync(ZEROS)),
    { code: 'feed.malformed', message: /unfolds too far/ },
  ],
  'a deflate bomb': [
    encoded('deflate', deflateSync(ZEROS)),
    { code: 'feed.malformed', message: /unfolds too far|more bytes/ },
  ],
  'gzip in gzip': [
    encoded('gzip, gzip', gzipSync(gzipSync('x'))),
    { code: 'feed.malformed', found: 'gzip, gzip' },
  ],
  'an encoding nobody asked for': [
    encoded('zstd', Buffer.from('x')),
    { code: 'feed.malformed', found: 'zstd' },
  ],
  'half a gzip': [encoded('gzip', gzipSync('x'.repeat(1000)).subarray(0, 20)), { code: 'feed.unreachable' }],
  'a redirect to itself': [
    say('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
    { code: 'feed.refused', found: /Redirected 8/ },
  ],
  'a redirect with an endless page': [
    forEver('HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n', 'x'.repeat(4096)),
    { code: 'feed.refused' },
  ],
};

const sockets = new Set<Socket>();
let misdeed: Misdeed = () => undefined;
const server = createServer({ cert: VENDOR.certificate, key: VENDOR.key }, (socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  socket.on('data', () => misdeed(socket));
});
const names = Object.keys(MISDEEDS).map((_name, index) => `h${index}.vendor.test`);
let client: ReturnType<typeof createHttpClient>;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  client = createHttpClient({
    userAgent: 'test',
    perHost: { concurrency: 2, requestsPerSecond: Number.POSITIVE_INFINITY },
    hosts: Object.fromEntries(names.map((name) => [name, place])),
    ca: AUTHORITY.certificate,
  });
});
after(() => {
  client.close();
  server.close();
});

for (const [index, [name, [deed, expected]]] of Object.entries(MISDEEDS).entries()) {
  test(`${name} ends within its bound, by its name, and its connection with it`, async () => {
    misdeed = deed;
    const request = feedRequest('/', { maxBytes: 4 << 20, timeoutMs: 1500 }, names[index]);
    await assert.rejects(client.get(request), expected);
    client.close();
    // A reset is a way to close, too.
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  });
}

test('a body that drips is given up after half a minute, whatever its time is', async () => {
  let drip: NodeJS.Timeout | undefined;
  const started = new Promise<void>((resolve) => {
    misdeed = (socket) => {
      socket.write(`${HEAD}Content-Length: 100000\r\n\r\nx`);
      drip = setInterval(() => socket.write('x'), 5);
      resolve();
    };
  });
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { body } = await client.download(feedRequest('/', { timeoutMs: 3_600_000 }, 'h0.vendor.test'));
    await started;
    const end = once(body.resume(), 'error');
    mock.timers.tick(30_000);
    const [fault] = await end;
    assert.equal(fault.code, 'download.interrupted');
    assert.equal(fault.expected, 'an end within 30000 ms');
  } finally {
    mock.timers.reset();
    clearInterval(drip);
  }
});

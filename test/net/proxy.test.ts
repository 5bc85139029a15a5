import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { HttpClientOptions } from '../../src/net/index.js';
import { AUTHORITY, feedRequest, withVendor } from './server.js';

/** A proxy on loopback that resolves every name to the vendor's port, as the name service of its network would. */
async function withProxy(
  decide: (request: IncomingMessage) => number,
  body: (proxy: { url: string; asked: IncomingMessage[]; targetPort: number }) => Promise<void>,
): Promise<void> {
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  const proxy = { url: '', asked: [] as IncomingMessage[], targetPort: 0 };
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    proxy.asked.push(request);
    open.add(socket.on('error', () => undefined));
    const status = decide(request);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const target = connect(proxy.targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    open.add(target.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await body(proxy);
  } finally {
    for (const socket of open) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A client that knows the vendor by no map: only the proxy leads there, and the further roots vouch for it. */
function throughProxy(url: string, more: object = {}): Partial<HttpClientOptions> {
  return { hosts: {}, extraCa: AUTHORITY.certificate, proxy: { url, noProxy: [], ...more } };
}

test('a tunnel carries TLS to the host itself, and is used again', async () => {
  await withProxy(
    () => 200,
    async (proxy) => {
      await withVendor(
        (request, response) =>
          response.end(`${request.headers.host} ${request.headers['proxy-authorization']}`),
        async ({ client, place, seen }) => {
          proxy.targetPort = place.port;
          for (let n = 0; n < 3; n += 1) {
            assert.equal((await client.get(feedRequest())).body.toString(), 'vendor.test undefined');
          }
          assert.deepEqual(
            proxy.asked.map(({ url }) => url),
            ['vendor.test:443'],
          );
          assert.equal(
            proxy.asked[0]?.headers['proxy-authorization'],
            `Basic ${Buffer.from('me:secret').toString('base64')}`,
          );
          await assert.rejects(client.get(feedRequest('/', {}, 'elsewhere.test')), {
            code: 'feed.unreachable',
            found: /altnames/i,
          });
          assert.equal(seen.length, 3);
        },
        throughProxy(proxy.url, { credentials: 'me:secret' }),
      );
    },
  );
});

test('what a proxy may not be asked for: addresses that are not public, and names of the inside', async () => {
  await withProxy(
    () => 200,
    async ({ url, asked }) => {
      await withVendor(
        (_request, response) => response.end(),
        async ({ client }) => {
          const hosts = [
            '127.0.0.1',
            '[::1]',
            '2130706433',
            '169.254.169.254',
            'localhost',
            'intranet',
            'a.local',
            'b.internal.',
          ];
          for (const host of hosts) {
            await assert.rejects(client.get(feedRequest('/', {}, host)), { code: 'feed.refused' }, host);
          }
          assert.equal(asked.length, 0);
        },
        throughProxy(url),
      );
    },
  );
});

test('a name of noProxy is reached directly, with the guard of its own', async () => {
  await withProxy(
    () => 200,
    async ({ url, asked }) => {
      await withVendor(
        (_request, response) => response.end(),
        async ({ client }) => {
          for (const host of ['vendor.test', 'a.vendor.test']) {
            await assert.rejects(client.get(feedRequest('/', {}, host)), { code: 'feed.refused' }, host);
          }
          assert.equal(asked.length, 0);
        },
        {
          ...throughProxy(url, { noProxy: ['.vendor.test'] }),
          lookup: (_name, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]),
        },
      );
    },
  );
});

test('a proxy that refuses, or is not there, is told as such', async () => {
  await withProxy(
    ({ url }) => (url?.startsWith('h0') ? 407 : 502),
    async ({ url }) => {
      await withVendor(
        (_request, response) => response.end(),
        async ({ client }) => {
          const ask = (host: string) => client.get(feedRequest('/', {}, host));
          await assert.rejects(ask('h0.vendor.test'), {
            code: 'feed.unreachable',
            found: /credentials \(status 407\)/,
          });
          await assert.rejects(ask('h1.vendor.test'), { code: 'feed.unreachable', found: /status 502/ });
        },
        throughProxy(url),
      );
    },
  );
  await withVendor(
    (_request, response) => response.end(),
    async ({ client }) => {
      await assert.rejects(client.get(feedRequest()), {
        code: 'feed.unreachable',
        found: /proxy.*ECONNREFUSED/,
      });
    },
    throughProxy('http://127.0.0.1:1'),
  );
});

import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type LookupFunction, Socket } from 'node:net';
import { after, before, mock, test } from 'node:test';
import { guardedLookup } from '../../src/net/addresses.js';
import { feedRequest, startVendor, withVendor } from './server.js';

/** One of each range that is not of the public Internet, and the platform address of a cloud that looks public. */
const V4 = [
  '127.0.0.1',
  '127.8.9.10',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];
const V6 = [
  '::',
  '::1',
  'fe80::1',
  'fec0::1',
  'fd00:ec2::254',
  'fc00::1',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
];

type Bytes = readonly [number, number, number, number];
const bytesOf = (address: string) => address.split('.').map(Number) as unknown as Bytes;
const number = ([a, b, c, d]: Bytes): number => ((a * 256 + b) * 256 + c) * 256 + d;
const octal = (value: number): string => `0${value.toString(8)}`;
const hex = (value: number): string => `0x${value.toString(16)}`;
const groups = ([a, b, c, d]: Bytes): string =>
  `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
const fullWidth = (text: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

/** The same IPv4 address in every way in which an address may name it (WHATWG URL 3.5), and some that are none. */
const NOTATIONS: readonly ((address: string) => string)[] = [
  (address) => address,
  (address) => `${address}.`,
  (address) => String(number(bytesOf(address))),
  (address) => hex(number(bytesOf(address))),
  (address) => octal(number(bytesOf(address))),
  (address) => bytesOf(address).map(octal).join('.'),
  (address) => bytesOf(address).map(hex).join('.'),
  (address) =>
    bytesOf(address)
      .map((value) => `0x000${value.toString(16).toUpperCase()}`)
      .join('.'),
  (address) => `${hex(bytesOf(address)[0])}.${number(bytesOf(address)) % 2 ** 24}`,
  (address) => `${bytesOf(address)[0]}.${octal(bytesOf(address)[1])}.${number(bytesOf(address)) % 2 ** 16}`,
  fullWidth,
  (address) => address.replaceAll('.', '\u3002'),
  (address) => address.replaceAll('.', '%2E'),
  (address) => `user:word@${address}`,
  (address) => `vendor.test@${address}`,
  (address) => `vendor.test:443@${address}`,
];

/** The same inside an IPv6 address: mapped, compatible, translated, tunnelled. */
const EMBEDDINGS: readonly ((bytes: Bytes) => string)[] = [
  (bytes) => `::ffff:${bytes.join('.')}`,
  (bytes) => `::ffff:${groups(bytes)}`,
  (bytes) => `0:0:0:0:0:FFFF:${groups(bytes)}`,
  (bytes) => `::${bytes.join('.')}`,
  (bytes) => `::ffff:0:${groups(bytes)}`,
  (bytes) => `64:ff9b::${groups(bytes)}`,
  (bytes) => `64:ff9b:1::${groups(bytes)}`,
  (bytes) => `2002:${groups(bytes)}::1`,
  (bytes) => `2001::${groups(bytes)}`,
];

const literals = [
  ...V4.flatMap((address) => NOTATIONS.map((write) => write(address))),
  ...V4.flatMap((address) => EMBEDDINGS.map((write) => `[${write(bytesOf(address))}]`)),
  ...V6.map((address) => `[${address}]`),
  '[fe80::1%25eth0]',
  '[::1%lo]',
  'localhost',
  'LOCALHOST.',
  'a.localhost',
];

let port = 0;
let connections = 0;
const attempts: string[] = [];
const sink = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

before(async () => {
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  port = (sink.address() as AddressInfo).port;
  const connect = Socket.prototype.connect;
  mock.method(Socket.prototype, 'connect', function (this: Socket, ...parameters: unknown[]) {
    this.on('connectionAttempt', (ip: string, to: number) => attempts.push(`${ip}:${to}`));
    return Reflect.apply(connect, this, parameters);
  });
});
after(() => {
  mock.restoreAll();
  sink.close();
});

function nothingWasReached(): void {
  assert.equal(connections, 0);
  assert.deepEqual(attempts, []);
}

/** `localhost` and all below it are what the system says they are, so that a literal is not the only way there. */
const LOOPBACK: LookupFunction = (_name, _options, callback) =>
  callback(null, [{ address: '127.0.0.1', family: 4 }]);

test('an address that is not public is not connected to, however it is written', async () => {
  const { client, stop } = await startVendor((_request, response) => response.end(), { lookup: LOOPBACK });
  try {
    for (const literal of literals) {
      for (const url of [`https://${literal}:${port}/`, `https://${literal}/`]) {
        await assert.rejects(client.get(feedRequest('/', { url })), { code: 'feed.refused' }, url);
      }
    }
    assert.ok(literals.length > 450, `${literals.length} notations`);
    nothingWasReached();
  } finally {
    await stop();
  }
});

test('a name is refused when any of its addresses is not public, in whatever place', async () => {
  const bad = [...V4, ...V6, ...V4.flatMap((address) => EMBEDDINGS.map((write) => write(bytesOf(address))))];
  let answer: readonly string[] = [];
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  const { client, stop } = await startVendor((_request, response) => response.end(), { lookup });
  try {
    for (const [index, address] of bad.entries()) {
      const url = `https://n${index}.example:${port}/`;
      for (answer of [[address], ['140.82.121.4', address], [address, '2606:50c0:8000::153']]) {
        await assert.rejects(client.get(feedRequest('/', { url })), { code: 'feed.refused' }, answer.join());
      }
    }
    nothingWasReached();
  } finally {
    await stop();
  }
});

test('a redirect leads nowhere that the address itself would not', async () => {
  const targets = literals.filter((_one, index) => index % 9 === 0).concat('localhost', '[::1]', '127.0.0.1');
  let location = '';
  let status = 302;
  const { client, stop, place } = await startVendor(
    (request, response) => {
      const next = request.url === '/first' ? '/second' : location;
      // A header is bytes, and servers write UTF-8 into it.
      response.writeHead(status, { location: Buffer.from(next).toString('latin1') }).end();
    },
    { lookup: LOOPBACK },
  );
  try {
    for (status of [301, 302, 303, 307, 308]) {
      for (const target of targets) {
        location = `https://${target}:${port}/`;
        await assert.rejects(client.get(feedRequest('/first')), { code: 'feed.refused' }, location);
      }
      for (location of [
        `//127.0.0.1:${port}/`,
        `http://vendor.test:${port}/`,
        'file:///etc/passwd',
        'data:,x',
        'https://',
      ]) {
        await assert.rejects(client.get(feedRequest('/first')), { code: 'feed.refused' }, location);
      }
    }
    const others = attempts.splice(0).filter((attempt) => attempt !== `127.0.0.1:${place.port}`);
    assert.deepEqual(others, []);
    nothingWasReached();
  } finally {
    await stop();
  }
});

test('what was checked is what is connected to: each answer of the name service is judged and handed on once', async () => {
  const answers = [['140.82.121.4'], ['127.0.0.1'], ['140.82.121.4', '10.0.0.1'], ['2606:50c0:8000::153']];
  const flipping: LookupFunction = (_name, _options, callback) =>
    callback(
      null,
      (answers.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  const ask = () =>
    new Promise((resolve) =>
      guardedLookup(flipping)('flip.example', { all: true }, (error, found) => resolve(error?.name ?? found)),
    );
  assert.deepEqual(await ask(), [{ address: '140.82.121.4', family: 4 }]);
  assert.equal(await ask(), 'AddressRefused');
  assert.equal(await ask(), 'AddressRefused');
  assert.deepEqual(await ask(), [{ address: '2606:50c0:8000::153', family: 6 }]);
});

test('another service that an answer offers is not taken', async () => {
  const answer = (_request: unknown, response: import('node:http').ServerResponse) => {
    response
      .writeHead(200, {
        'alt-svc': `h2="127.0.0.1:${port}"; ma=3600, h3=":${port}"`,
        refresh: `0; url=https://127.0.0.1:${port}/`,
      })
      .end();
  };
  await withVendor(answer, async ({ client }) => {
    await client.get(feedRequest());
    await client.get(feedRequest());
    attempts.length = 0;
    nothingWasReached();
  });
});

test('a private host is reached when the configuration names it, and only that one', async () => {
  const options = { privateHosts: ['localhost'], hosts: {} };
  const { client, stop } = await startVendor((_request, response) => response.end(), options);
  try {
    await assert.rejects(client.get(feedRequest('/', { url: `https://localhost:${port}/` })), {
      code: 'feed.unreachable',
    });
    assert.ok(connections > 0);
    connections = 0;
    attempts.length = 0;
    await assert.rejects(client.get(feedRequest('/', { url: `https://127.0.0.1:${port}/` })), {
      code: 'feed.refused',
    });
    nothingWasReached();
  } finally {
    await stop();
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import {
  issueClientToken,
  startCloudManagementGateway,
} from '../../../src/lab/cloud-management-gateway/index.js';
import { listen, readBody, send } from '../../../src/lab/software-update-point/http.js';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { makeAuthority, makeIdentity, type TestIdentity } from '../certificates.js';

const DIGEST = '86542C97261C46D5B379A43EC895F97EAF409BA2';
const NOW = new Date();
const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
const servers = makeAuthority('Test Server Authority');
const clients = makeAuthority('Test Client Authority');
const strangers = makeAuthority('Another Authority');
const device = makeIdentity('device', { usage: 'clientAuth' }, clients);
const hosts = { 'cmg.lab': { address: '127.0.0.1', port: 0 } };

let upstream: { port: number; close(): Promise<void> };
let gateway: Awaited<ReturnType<typeof startCloudManagementGateway>>;
const asked: { url: string | undefined; action: string | undefined; body: string }[] = [];

before(async () => {
  mkdirSync(join(folder, 'A2'));
  writeFileSync(join(folder, 'A2', `${DIGEST}.cab`), Buffer.from('0123456789'));
  upstream = await listen(
    async (incoming, response) => {
      const body = (await readBody(incoming, 1 << 20)).toString('utf8');
      asked.push({ url: incoming.url, action: incoming.headers.soapaction?.toString(), body });
      send(response, { status: 500, headers: { 'content-type': 'text/xml' }, body: '<fault/>' });
    },
    { ...makeIdentity('sup', { hosts: ['sup.lab'] }, servers) },
    0,
  );
  gateway = await startCloudManagementGateway({
    port: 0,
    identity: makeIdentity('cmg', { hosts: ['cmg.lab'] }, servers),
    name: 'cmg.lab',
    clientCa: clients.certificate,
    softwareUpdatePoint: {
      address: '127.0.0.1',
      port: upstream.port,
      name: 'sup.lab',
      ca: servers.certificate,
    },
    contentFolder: folder,
    now: () => NOW,
  });
  hosts['cmg.lab'].port = gateway.port;
});
after(async () => {
  await gateway.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const transportOf = (client: TestIdentity | null) =>
  createHttpsTransport({ ca: servers.certificate, client, hosts, timeoutMs: 5000 });
const at = (path: string) => `https://cmg.lab${gateway.proxyPath}${path}`;

async function ask(client: TestIdentity | null, path: string, body: string | null = null) {
  const transport = transportOf(client);
  try {
    const answer =
      body === null
        ? await transport.get(at(path), { range: 'bytes=2-5' }, 1000)
        : await transport.post(at(path), { soapaction: '"x"' }, body);
    return { status: answer.status, body: answer.body.toString('utf8'), headers: answer.headers };
  } finally {
    transport.close();
  }
}

describe('who may come in with a token', () => {
  const token = (change: Partial<Parameters<typeof issueClientToken>[1]> = {}, authority = clients) =>
    issueClientToken(authority, {
      computer: 'device.lab',
      gateway: 'cmg.lab',
      expiresAt: new Date(NOW.getTime() + 60_000),
      ...change,
    });
  const [header = '', payload = '', signature = ''] = token().split('.');
  const forged = Buffer.from(payload, 'base64url').toString('utf8').replace('device.lab', 'master.lab');
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

  async function askWith(headers: Readonly<Record<string, string>>, path = gateway.tokenPath) {
    const transport = transportOf(null);
    try {
      const address = `https://cmg.lab${path}/ClientWebService/client.asmx`;
      const answer = await transport.post(address, { soapaction: '"x"', ...headers }, '<call/>');
      return { status: answer.status, body: answer.body.toString('utf8') };
    } finally {
      transport.close();
    }
  }

  test('a computer whose token is good', async () => {
    assert.deepEqual(await askWith(bearer(token())), { status: 500, body: '<fault/>' });
  });

  const refusals: Readonly<Record<string, readonly [Readonly<Record<string, string>>, RegExp]>> = {
    'no token': [{}, /token is required/],
    'no bearer token': [{ authorization: `Basic ${token()}` }, /token is required/],
    'an expired token': [bearer(token({ expiresAt: NOW })), /has expired/],
    'a token for another gateway': [bearer(token({ gateway: 'cmg.other' })), /not of this site/],
    'a token of another authority': [bearer(token({}, strangers)), /not of this site/],
    'a token for someone else': [
      bearer(`${header}.${Buffer.from(forged).toString('base64url')}.${signature}`),
      /not of this site/,
    ],
    'a token that says it needs no signature': [
      bearer(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`),
      /not of this site/,
    ],
    'a token without end': [bearer(`${header}.${'A'.repeat(5000)}.${signature}`), /token is required/],
  };
  for (const [name, [headers, expected]] of Object.entries(refusals)) {
    test(`not ${name}`, async () => {
      const before = asked.length;
      const { status, body } = await askWith(headers);
      assert.deepEqual([status, asked.length], [401, before]);
      assert.match(body, expected);
    });
  }

  test('a token is no certificate: the other path wants one', async () => {
    assert.equal((await askWith(bearer(token()), gateway.proxyPath)).status, 403);
  });

  test('a gateway that is down does not answer at all', async () => {
    gateway.setFault('down');
    await assert.rejects(askWith(bearer(token())), { code: 'cmg.unreachable' });
    gateway.setFault(null);
    assert.equal((await askWith(bearer(token()))).status, 500);
  });
});

describe('who may come in', () => {
  test('a computer with a certificate of the client authority', async () => {
    const answer = await ask(device, '/ClientWebService/client.asmx', '<call/>');
    assert.deepEqual([answer.status, answer.body], [500, '<fault/>']);
    assert.deepEqual(asked.at(-1), { url: '/ClientWebService/client.asmx', action: '"x"', body: '<call/>' });
  });

  test('no one without a certificate', async () => {
    const answer = await ask(null, '/ClientWebService/client.asmx', '<call/>');
    assert.equal(answer.status, 403);
    assert.match(answer.body, /a client certificate is required/);
  });

  test('no one with the certificate of another authority, or one for servers', async () => {
    const cases = [
      makeIdentity('stranger', { usage: 'clientAuth' }, strangers),
      makeIdentity('server', { usage: 'serverAuth' }, clients),
    ];
    for (const identity of cases) {
      const answer = await ask(identity, '/ClientWebService/client.asmx', '<call/>');
      assert.equal(answer.status, 403);
      assert.match(answer.body, /the client certificate is not accepted/);
    }
  });

  test('no one who resumes a session that had no certificate', async () => {
    const place = { host: '127.0.0.1', port: gateway.port, servername: 'cmg.lab', ca: servers.certificate };
    const session = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(place);
      socket.on('session', (ticket) => {
        socket.destroy();
        resolve(ticket);
      });
      socket.on('error', reject);
    });
    const socket = connect({ ...place, session });
    await once(socket, 'secureConnect');
    assert.equal(socket.isSessionReused(), true);
    socket.write(
      `GET ${gateway.proxyPath}/Content/A2/${DIGEST}.cab HTTP/1.1\r\nHost: cmg.lab\r\nConnection: close\r\n\r\n`,
    );
    assert.match(await text(socket), /^HTTP\/1\.1 403 /);
  });
});

describe('what can be reached', () => {
  test('content that was distributed, in ranges', async () => {
    const answer = await ask(device, `/Content/A2/${DIGEST}.cab`);
    assert.deepEqual([answer.status, answer.body], [206, '2345']);
    assert.equal(answer.headers['content-range'], 'bytes 2-5/10');
  });

  test('nothing else', async () => {
    const before = asked.length;
    const paths = [
      `/Content/A2/${DIGEST.replace('8', '9')}.cab`,
      `/Content/A3/${DIGEST}.cab`,
      '/Content/A2/../../etc/passwd',
      '/Content/A2/..%2f..%2fetc%2fpasswd',
      '/lab/status',
      '/AdminService/wmi/SMS_SoftwareUpdate',
      '/ApiRemoting30/WebService.asmx',
    ];
    for (const path of paths) assert.equal((await ask(device, path)).status, 404, path);
    const outside = transportOf(device);
    assert.equal((await outside.get('https://cmg.lab/ClientWebService/client.asmx', {}, 1000)).status, 404);
    outside.close();
    assert.equal(asked.length, before);
  });

  test('a body over the limit is refused before it is forwarded', async () => {
    const before = asked.length;
    const transport = transportOf(device);
    const outcome = await transport
      .post(at('/ClientWebService/client.asmx'), { soapaction: '"x"' }, 'x'.repeat((4 << 20) + 1))
      .then((answer) => answer.status)
      // The server may close the connection while the rest is still being sent.
      .catch((error: { code?: string }) => error.code);
    transport.close();
    assert.ok(outcome === 413 || outcome === 'cmg.unreachable', String(outcome));
    assert.equal(asked.length, before);
  });
});

test('a client does not talk to a gateway of another name or authority', async () => {
  const ownCa = createHttpsTransport({ ca: strangers.certificate, client: device, hosts, timeoutMs: 5000 });
  await assert.rejects(ownCa.get(at('/Content/A2/x.cab'), {}, 10), { code: 'cmg.unreachable' });
  ownCa.close();
  const otherName = createHttpsTransport({
    ca: servers.certificate,
    client: device,
    hosts: { 'other.lab': { address: '127.0.0.1', port: gateway.port } },
    timeoutMs: 5000,
  });
  await assert.rejects(otherName.get('https://other.lab/', {}, 10), /does not answer/);
  otherName.close();
});

import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { makeAuthority, makeIdentity } from '../lab/certificates.js';

test('a kept connection that the server has closed meanwhile is no fault of the server', async (t) => {
  const authority = makeAuthority('Transport Test CA');
  const identity = makeIdentity('server', { usage: 'serverAuth', hosts: ['sup.test'] }, authority);
  const sockets = new Set<Socket>();
  let isClosing = false;
  const server = createServer({ cert: identity.certificate, key: identity.key }, (request, response) => {
    const known = sockets.has(request.socket);
    sockets.add(request.socket);
    // As a server whose time for idle connections ends while the request is under way.
    if (isClosing && known) request.socket.destroy();
    else response.end('answer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const transport = createHttpsTransport({
    ca: authority.certificate,
    client: null,
    hosts: { 'sup.test': { address: '127.0.0.1', port } },
    timeoutMs: 10_000,
  });
  t.after(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  const ask = () => transport.get('https://sup.test/status', {}, 1000);
  assert.equal((await ask()).body.toString(), 'answer');
  isClosing = true;
  assert.equal((await ask()).body.toString(), 'answer');
  assert.equal(sockets.size, 2);
});

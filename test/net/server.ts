import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHttpClient, type HttpClientOptions } from '../../src/net/index.js';
import { makeAuthority, makeIdentity } from '../lab/certificates.js';

export const AUTHORITY = makeAuthority('Net Test Root');
export const VENDOR = makeIdentity('vendor.test', { hosts: ['vendor.test', '*.vendor.test'] }, AUTHORITY);

/** A host that fails is left alone for a while: what shall not feel that asks another one. */
export const HOSTS = [
  'vendor.test',
  'files.vendor.test',
  ...Array.from({ length: 40 }, (_, n) => `h${n}.vendor.test`),
];

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A real TLS server on loopback that is all of `HOSTS`, and a client that is sent to it. */
export async function startVendor(answer: Answering, options: Partial<HttpClientOptions> = {}) {
  const seen: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(request);
    answer(request, response);
  };
  const server = createServer({ cert: VENDOR.certificate, key: VENDOR.key }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const client = createHttpClient({
    userAgent: 'patchpress-test',
    perHost: { concurrency: 4, requestsPerSecond: Number.POSITIVE_INFINITY },
    hosts: Object.fromEntries([...HOSTS, 'wrong.test'].map((host) => [host, place])),
    ca: AUTHORITY.certificate,
    ...options,
  });
  return {
    client,
    seen,
    place,
    async stop() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function withVendor(
  answer: Answering,
  body: (vendor: Awaited<ReturnType<typeof startVendor>>) => Promise<void>,
  options: Partial<HttpClientOptions> = {},
): Promise<void> {
  const vendor = await startVendor(answer, options);
  try {
    await body(vendor);
  } finally {
    await vendor.stop();
  }
}

export function feedRequest(path = '/', more: Record<string, unknown> = {}, host = 'vendor.test') {
  return { url: `https://${host}${path}`, maxBytes: 1 << 20, timeoutMs: 5000, ...more };
}

import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { plainHost } from './addresses.js';

export interface HttpProxy {
  /** `http://proxy.example:3128`, or `https:` where the proxy itself speaks TLS. */
  readonly url: string;
  /** `user:password`, sent to the proxy only. */
  readonly credentials?: string;
  /** Names that are reached directly: `example.com` with all below it. */
  readonly noProxy: readonly string[];
}

const CONNECT_TIMEOUT_MS = 15_000;

export function usesProxy(proxy: HttpProxy | undefined, host: string): proxy is HttpProxy {
  if (proxy === undefined) return false;
  const name = plainHost(host);
  return !proxy.noProxy.map((one) => plainHost(one.replace(/^\*?\./, ''))).some((one) => isWithin(name, one));
}

function isWithin(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`);
}

/** A tunnel to host and port (RFC 9110 9.3.6); the proxy sees name and port, and nothing of what goes through. */
export function openTunnel(proxy: HttpProxy, host: string, port: number): Promise<Duplex> {
  const { protocol, hostname, port: proxyPort } = new URL(proxy.url);
  const isSecure = protocol === 'https:';
  const authority = `${host.includes(':') ? `[${plainHost(host)}]` : host}:${port}`;
  const credentials = proxy.credentials && Buffer.from(proxy.credentials).toString('base64');
  return new Promise((resolve, reject) => {
    const asking = (isSecure ? secureRequest : plainRequest)({
      host: plainHost(hostname),
      port: proxyPort === '' ? (isSecure ? 443 : 80) : Number(proxyPort),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(credentials && { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    });
    const refuse = (found: string): void => {
      asking.destroy();
      reject(new Error(`the proxy ${hostname} ${found}`));
    };
    asking.once('connect', ({ statusCode = 0 }, socket, head) => {
      socket.setTimeout(0);
      if (statusCode >= 200 && statusCode < 300 && head.length === 0) return resolve(socket);
      socket.destroy();
      refuse(
        statusCode === 407 ? 'wants other credentials (status 407)' : `answered with status ${statusCode}`,
      );
    });
    asking.once('response', ({ statusCode }) => refuse(`answered with status ${statusCode}`));
    asking.once('timeout', () => refuse('does not answer'));
    asking.once('error', (error) => refuse(`cannot be reached: ${error.message}`));
    asking.end();
  });
}

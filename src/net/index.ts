import type { Readable } from 'node:stream';
import type { HttpClient, HttpRequest } from '../core/ports.js';
import { GuardedAgent, type HostMap } from './agent.js';
import { type Answer, createGot, exchange, requireHttps } from './exchange.js';
import { DOWNLOAD, exchangeFault, FEED, type Purpose, stopped, tooLarge } from './faults.js';
import { createHostSlots } from './host-slots.js';
import { statusFault } from './status.js';

export type { HostMap } from './agent.js';

export interface HttpClientOptions {
  readonly userAgent: string;
  /** Requests to one host at a time; the others wait, and their time does not run yet. */
  readonly perHostConcurrency: number;
  /** Hosts that are answered elsewhere; they alone may be private addresses. */
  readonly hosts?: HostMap;
  /** PEM: who issues the certificates of `hosts`. */
  readonly ca?: string;
  /** Bearer token by host name, sent to that host only, never along a redirect: `api.github.com`. */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Everything that leaves for a vendor: https only, public addresses only, bounded, polite. Nothing is tried twice here. */
export function createHttpClient(options: HttpClientOptions): HttpClient & { close(): void } {
  const agent = new GuardedAgent({ hosts: options.hosts ?? {}, ca: options.ca });
  const client = createGot(agent, options.userAgent);
  const slots = createHostSlots(options.perHostConcurrency);
  const tokens = new Map(Object.entries(options.tokens ?? {}));

  const open = async (request: HttpRequest, purpose: Purpose): Promise<Answer> => {
    const { hostname } = requireHttps(purpose, request.url);
    const giveBack = await slots.take(hostname, request.signal).catch((reason: unknown) => {
      throw stopped(purpose, request.url, reason);
    });
    const token = tokens.get(hostname);
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(purpose === DOWNLOAD ? { 'accept-encoding': 'identity' } : {}),
      ...request.headers,
    };
    try {
      const answer = await exchange(client, request, headers, purpose);
      answer.body.once('close', giveBack);
      return answer;
    } catch (error) {
      giveBack();
      throw exchangeFault(purpose, request.url, error, false);
    }
  };

  return {
    async get(request) {
      const answer = await open(request, FEED);
      const wanted = (answer.status >= 200 && answer.status < 300) || answer.status === 304;
      requireWanted(answer, request, FEED, wanted);
      return { ...answer, body: request.headOnly === true ? close(answer.body) : await collect(answer.body) };
    },
    async download(request) {
      const answer = await open(request, DOWNLOAD);
      requireWanted(answer, request, DOWNLOAD, answer.status === 200);
      return { finalUrl: answer.finalUrl, headers: answer.headers, body: answer.body };
    },
    close: () => agent.destroy(),
  };
}

/** An answer that is not wanted, or that says itself to be too large, is closed before its body is read. */
function requireWanted(answer: Answer, request: HttpRequest, purpose: Purpose, wanted: boolean): void {
  const { status, headers } = answer;
  const isCounted = headers['content-encoding'] === undefined && request.headOnly !== true;
  const announced = isCounted ? Number(headers['content-length']) : 0;
  if (wanted && !(announced > request.maxBytes)) return;
  answer.body.destroy();
  throw wanted
    ? tooLarge(purpose, request.url, request.maxBytes)
    : statusFault(purpose, request.url, status, headers, new Date());
}

function close(body: Readable): Buffer {
  body.destroy();
  return Buffer.alloc(0);
}

async function collect(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

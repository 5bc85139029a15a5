import type { LookupFunction } from 'node:net';
import type { Download, HttpClient, HttpRequest } from '../core/ports.js';
import { plainHost } from './addresses.js';
import { GuardedAgent, type GuardedAgentOptions } from './agent.js';
import { createGot } from './exchange.js';
import { DOWNLOAD, FEED, type Purpose, tooLarge } from './faults.js';
import { type FollowDeps, type Followed, follow, requireHttps } from './follow.js';
import type { HostLimits } from './host-line.js';
import { createHostTurns } from './host-turns.js';
import { isTheRest, resumeHeaders, strongValidator } from './resume.js';
import { statusFault } from './status.js';

export type { GuardedAgentOptions, HostMap } from './agent.js';
export type { HostLimits } from './host-line.js';
export { createObjectStoreMirror, type ObjectStoreAccess } from './object-store.js';
export type { HttpProxy } from './proxy.js';

/** Reference F9: so that no vendor has a reason to lock us out. */
export const POLITE: HostLimits = { concurrency: 2, requestsPerSecond: 1 };

export interface HttpClientOptions extends GuardedAgentOptions {
  readonly userAgent: string;
  /** For each host that has no limits of its own; absent: polite. */
  readonly perHost?: HostLimits;
  readonly limits?: Readonly<Record<string, HostLimits>>;
  /** Bearer token by host name, sent to that host only, never along a redirect: `api.github.com`. */
  readonly tokens?: Readonly<Record<string, string>>;
  readonly lookup?: LookupFunction;
}

/** Everything that leaves for a vendor: https only, public addresses only, bounded, polite. Nothing is tried twice here. */
export function createHttpClient(options: HttpClientOptions): HttpClient & { close(): void } {
  const agent = new GuardedAgent(options);
  const limits = new Map(Object.entries(options.limits ?? {}).map(([host, one]) => [plainHost(host), one]));
  const tokens = new Map(Object.entries(options.tokens ?? {}));
  const deps: FollowDeps = {
    client: createGot(agent),
    turns: createHostTurns({ limitsOf: (host) => limits.get(host) ?? options.perHost ?? POLITE }),
    tokenOf: (host) => tokens.get(host),
    now: () => new Date(),
  };
  const open = async (
    request: HttpRequest,
    purpose: Purpose,
    more: Readonly<Record<string, string>>,
  ): Promise<Followed> =>
    follow(deps, {
      url: requireHttps(purpose, request.url),
      headers: { 'user-agent': options.userAgent, accept: '*/*', ...more, ...request.headers },
      body: request.body,
      purpose,
      maxBytes: request.maxBytes,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
    });

  return {
    async get(request) {
      const answer = await open(request, FEED, { 'accept-encoding': 'gzip, br' });
      const isWanted = (answer.status >= 200 && answer.status < 300) || answer.status === 304;
      requireWanted(answer, request, FEED, isWanted);
      const { status, headers, finalUrl } = answer;
      return { status, headers, finalUrl, body: await bodyOf(answer, request) };
    },
    async download(request) {
      const { resume } = request;
      const more = { 'accept-encoding': 'identity', ...(resume && resumeHeaders(resume)) };
      const answer = await open(request, DOWNLOAD, more);
      if (resume !== undefined && answer.status === 206 && isTheRest(resume, answer.headers)) {
        requireWanted(answer, request, DOWNLOAD, true);
        return downloadOf(answer, resume.offsetBytes);
      }
      // 416: what is there is not a beginning of what the host has.
      if (resume !== undefined && (answer.status === 206 || answer.status === 416)) {
        answer.body.destroy();
        const { resume: _, ...anew } = request;
        return this.download(anew);
      }
      requireWanted(answer, request, DOWNLOAD, answer.status === 200);
      return downloadOf(answer, 0);
    },
    close: () => agent.destroy(),
  };
}

function downloadOf({ finalUrl, headers, body }: Followed, offsetBytes: number): Download {
  const length = headers['content-encoding'] === undefined ? headers['content-length'] : undefined;
  return {
    finalUrl,
    headers,
    body,
    offsetBytes,
    totalBytes: length === undefined ? null : offsetBytes + Number(length),
    validator: strongValidator(headers),
  };
}

/** An answer that is not wanted, or that says itself to be too large, is closed before its body is read. */
function requireWanted(answer: Followed, request: HttpRequest, purpose: Purpose, isWanted: boolean): void {
  const { status, headers } = answer;
  const isCounted = headers['content-encoding'] === undefined && request.headOnly !== true;
  const announced = isCounted ? Number(headers['content-length']) : 0;
  if (isWanted && !(announced > request.maxBytes)) return;
  answer.body.destroy();
  throw isWanted
    ? tooLarge(purpose, request.url, request.maxBytes)
    : statusFault(purpose, request.url, status, headers, new Date());
}

async function bodyOf({ body }: Followed, { headOnly }: HttpRequest): Promise<Buffer> {
  if (headOnly === true) {
    body.destroy();
    return Buffer.alloc(0);
  }
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

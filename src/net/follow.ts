import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Got } from 'got';
import { plainHost } from './addresses.js';
import { type Answer, exchange, type Hop } from './exchange.js';
import { exchangeFault, notAllowed, type Purpose, stopped } from './faults.js';
import type { TurnEnd } from './host-line.js';
import { HostBusy, type HostTurns } from './host-turns.js';
import { turnEndOf } from './status.js';

const MAX_REDIRECTS = 8;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A worker waits so long for a turn; the work of who would wait longer goes back into the queue. */
const FIRST_WAIT_MS = 2000;
/** A redirect has begun: to give it up would ask the first host again. */
const REDIRECT_WAIT_MS = 15_000;
/** The page beside a redirect is read, so that its connection can be used again, up to here. */
const REDIRECT_BODY_BYTES = 64 << 10;

export interface FollowDeps {
  readonly client: Got;
  readonly turns: HostTurns;
  /** For that host alone: never along a redirect to another. */
  readonly tokenOf: (host: string) => string | undefined;
  readonly now: () => Date;
}

export interface Followed extends Answer {
  readonly finalUrl: string;
}

/** What must not be shown to a host to which another one sends us. */
const FOR_FIRST_HOST = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * The answer at the end of the redirects. Each hop is judged anew, waits for its own turn (which does not count against
 * `timeoutMs`), and pauses its own host.
 */
export async function follow(deps: FollowDeps, first: Hop): Promise<Followed> {
  let hop = withToken(deps, first);
  for (let redirects = 0; ; redirects += 1) {
    const endTurn = await takeTurn(deps, hop, redirects === 0 ? FIRST_WAIT_MS : REDIRECT_WAIT_MS);
    const startedMs = performance.now();
    const answer = await exchange(deps.client, hop).catch((error: unknown) => {
      endTurn(endOfFault(hop, error));
      throw exchangeFault(hop.purpose, hop.url.href, error, false);
    });
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.status) || location === undefined) {
      answer.body.once('close', () => endTurn(endOf(deps, hop, answer)));
      return { ...answer, finalUrl: hop.url.href };
    }
    await drain(answer.body);
    endTurn({ kind: 'answered', budget: null });
    if (redirects === MAX_REDIRECTS) throw tooManyRedirects(hop);
    const leftMs = hop.timeoutMs - (performance.now() - startedMs);
    hop = { ...nextHop(hop, answer.status, location), timeoutMs: Math.max(leftMs, 1) };
  }
}

/** Throws PermanentError for an address that is not plain https; names and addresses are judged by the agent. */
export function requireHttps(purpose: Purpose, address: string | URL): URL {
  const text = String(address);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw notAllowed(purpose, text, 'no address');
  if (url.protocol !== 'https:') throw notAllowed(purpose, text, url.protocol);
  if (url.username !== '' || url.password !== '') {
    throw notAllowed(purpose, `${url.origin}${url.pathname}`, 'a user name in the address');
  }
  return url;
}

function withToken({ tokenOf }: FollowDeps, hop: Hop): Hop {
  const token = tokenOf(plainHost(hop.url.hostname));
  return token === undefined
    ? hop
    : { ...hop, headers: { authorization: `Bearer ${token}`, ...hop.headers } };
}

function takeTurn({ turns }: FollowDeps, { url, purpose, signal }: Hop, longestWaitMs: number) {
  return turns.take(url.hostname, { longestWaitMs, signal }).catch((reason: unknown) => {
    if (reason instanceof HostBusy) throw exchangeFault(purpose, url.href, reason, false);
    throw stopped(purpose, url.href, reason);
  });
}

/** RFC 9110 15.4: 303, and by long custom 301 and 302 of a POST, are asked for with GET. */
function nextHop(hop: Hop, status: number, location: string): Hop {
  if (!URL.canParse(location, hop.url.href))
    throw notAllowed(hop.purpose, hop.url.href, 'a redirect to no address');
  const url = requireHttps(hop.purpose, new URL(location, hop.url));
  const body = status === 307 || status === 308 ? hop.body : undefined;
  const headers =
    url.origin === hop.url.origin
      ? hop.headers
      : Object.fromEntries(
          Object.entries(hop.headers).filter(([name]) => !FOR_FIRST_HOST.has(name.toLowerCase())),
        );
  return { ...hop, url, body, headers };
}

async function drain(body: Readable): Promise<void> {
  let sizeBytes = 0;
  body.on('data', (piece: Buffer) => {
    sizeBytes += piece.length;
    if (sizeBytes > REDIRECT_BODY_BYTES) body.destroy();
  });
  if (!body.closed) await once(body, 'close').catch(() => undefined);
}

function endOf({ now }: FollowDeps, { signal }: Hop, { status, headers, body }: Answer): TurnEnd {
  const end = turnEndOf(status, headers, now());
  if (end.kind === 'busy') return end;
  if (signal?.aborted === true) return { kind: 'stopped' };
  return isOutside(body.errored) ? { kind: 'failed' } : end;
}

function endOfFault({ signal }: Hop, error: unknown): TurnEnd {
  if (signal?.aborted === true) return { kind: 'stopped' };
  return isOutside(error) ? { kind: 'failed' } : { kind: 'answered', budget: null };
}

/** Slow, silent or broken off: what holds us up, unlike what is only wrong. */
function isOutside(error: unknown): boolean {
  return error instanceof Error && error.name === 'RetryableError';
}

function tooManyRedirects({ purpose, url }: Hop) {
  return notAllowed(purpose, url.href, `Redirected ${MAX_REDIRECTS} times, and once more`);
}

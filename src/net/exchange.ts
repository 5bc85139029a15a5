import { Transform } from 'node:stream';
import { type Got, got, type Request } from 'got';
import type { PermanentError, RetryableError } from '../core/errors.js';
import type { HttpRequest } from '../core/ports.js';
import type { GuardedAgent } from './agent.js';
import { exchangeFault, notAllowed, type Purpose, stopped, tooLarge, tooSlow } from './faults.js';

export interface Answer {
  readonly status: number;
  readonly finalUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, bounded, and with our own faults as its errors. It closes the connection when it is destroyed. */
  readonly body: Transform;
}

const MAX_REDIRECTS = 8;
const CONNECT_TIMEOUT_MS = 15_000;
/** A connection without a byte for so long is dead, also where the whole may take an hour. */
const SILENCE_MS = 60_000;

/** got without retries (the queue tries again), cookies, cache or proxies; every hop is https. */
export function createGot(agent: GuardedAgent, userAgent: string): Got {
  return got.extend({
    agent: { https: agent },
    retry: { limit: 0 },
    throwHttpErrors: false,
    maxRedirects: MAX_REDIRECTS,
    headers: { 'user-agent': userAgent },
    timeout: { connect: CONNECT_TIMEOUT_MS, secureConnect: CONNECT_TIMEOUT_MS, socket: SILENCE_MS },
  });
}

/** One request up to the head of its answer. All faults, of the body too, are Retryable- or PermanentError. */
export function exchange(
  client: Got,
  request: HttpRequest,
  headers: Readonly<Record<string, string>>,
  purpose: Purpose,
): Promise<Answer> {
  const { url, maxBytes, timeoutMs, signal } = request;
  return new Promise((resolve, reject) => {
    // Nobody listens to the body before its reader does; a reader that comes late still gets the fault.
    const body = boundedBody(purpose, url, maxBytes).on('error', () => undefined);
    const stream = client.stream(url, {
      headers: { ...headers },
      ...(request.body === undefined ? {} : { method: 'POST', body: request.body }),
      hooks: { beforeRedirect: [(next) => void requireHttps(purpose, next.url)] },
    });
    let started = false;
    const fail = (fault: RetryableError | PermanentError): void => {
      reject(fault);
      body.destroy(fault);
    };
    const stop = (): void => fail(stopped(purpose, url, signal?.reason));
    const timer = setTimeout(() => fail(tooSlow(purpose, url, timeoutMs, started)), timeoutMs);
    body.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      stream.destroy();
    });
    stream.on('error', (error) => fail(exchangeFault(purpose, url, error, started)));
    stream.once('response', (response: NonNullable<Request['response']>) => {
      started = true;
      const answer = {
        status: response.statusCode,
        finalUrl: response.url,
        headers: plain(response.headers),
      };
      resolve({ ...answer, body });
      stream.pipe(body);
    });
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Throws PermanentError for an address that is not plain https; names and addresses are judged by the agent. */
export function requireHttps(purpose: Purpose, address: string | URL | undefined): URL {
  const text = String(address);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw notAllowed(purpose, text, 'no address');
  if (url.protocol !== 'https:') throw notAllowed(purpose, text, url.protocol);
  if (url.username !== '' || url.password !== '') {
    throw notAllowed(purpose, `${url.origin}${url.pathname}`, 'a user name in the address');
  }
  return url;
}

/** Counts decoded bytes, so that a small answer cannot unfold into a large one. */
function boundedBody(purpose: Purpose, url: string, maxBytes: number): Transform {
  let sizeBytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) done(tooLarge(purpose, url, maxBytes));
      else done(null, piece);
    },
  });
}

function plain(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

import type { Readable } from 'node:stream';
import { type Got, got, type Response } from 'got';
import type { PermanentError, RetryableError } from '../core/errors.js';
import type { GuardedAgent } from './agent.js';
import { boundedBody } from './body.js';
import { exchangeFault, type Purpose, stopped, tooSlow } from './faults.js';

/** One request to one host; where it redirects to is another one. */
export interface Hop {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with POST; absent: GET. */
  readonly body: string | undefined;
  readonly purpose: Purpose;
  /** Decoded bytes at most. */
  readonly maxBytes: number;
  /** For the whole exchange; a download gets what its announced size takes at the purpose's slowest pace besides. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, bounded, and with our own faults as its errors. It closes the connection when it is destroyed. */
  readonly body: Readable;
}

/** Name service, connection, TLS and the head of the answer. A feed that takes longer holds a worker for nothing. */
const HEAD_TIMEOUT_MS = 20_000;
const MAX_HEAD_BYTES = 32 << 10;

/**
 * got without tries (they are the queue's), redirects (hops of their own), decoding (bounded in `boundedBody`) and
 * timers (`exchangeOnce` has one, for the announced size too). Made once: each request only adds what is its own.
 */
export function createGot(agent: GuardedAgent): Got {
  return got.extend({
    agent: { https: agent },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    maxHeaderSize: MAX_HEAD_BYTES,
  });
}

/** One request up to the head of its answer. All faults, of the body too, are Retryable- or PermanentError. */
export async function exchange(client: Got, hop: Hop): Promise<Answer> {
  const startedMs = performance.now();
  try {
    return await exchangeOnce(client, hop);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    // RFC 9112 9.3.1: a kept connection may have been closed by the host in that very moment.
    return exchangeOnce(client, { ...hop, timeoutMs: hop.timeoutMs - (performance.now() - startedMs) });
  }
}

class StaleConnection extends Error {}

function exchangeOnce(client: Got, hop: Hop): Promise<Answer> {
  const { url, headers, purpose, maxBytes, timeoutMs, signal } = hop;
  const where = url.href;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(stopped(purpose, where, signal.reason));
    const asking = client.stream(url, {
      headers,
      ...(hop.body === undefined ? {} : { method: 'POST', body: hop.body }),
    });
    let isReused = false;
    asking.once('request', (request) =>
      request.once('socket', () => {
        isReused = request.reusedSocket;
      }),
    );
    let body: Readable | null = null;
    const fail = (fault: RetryableError | PermanentError | StaleConnection): void => {
      reject(fault);
      if (body === null) end();
      else body.destroy(fault);
    };
    const slow = (afterMs: number) => () => fail(tooSlow(purpose, where, afterMs, body !== null));
    const stop = (): void => fail(stopped(purpose, where, signal?.reason));
    const headMs = Math.min(timeoutMs, HEAD_TIMEOUT_MS);
    const startedMs = performance.now();
    let timer = setTimeout(slow(headMs), headMs);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (body === null || !body.readableEnded) asking.destroy();
    };
    asking.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = body === null && isReused && error.code === 'ECONNRESET';
      fail(isStale ? new StaleConnection() : exchangeFault(purpose, where, error, body !== null));
    });
    asking.once('response', (response: Response) => {
      clearTimeout(timer);
      const allMs = timeoutMs + timeForSizeMs(purpose, response);
      timer = setTimeout(slow(allMs), allMs - (performance.now() - startedMs));
      const bounded = boundedBody(asking, response.headers, { purpose, url: where, maxBytes });
      body = bounded;
      bounded.once('close', end);
      resolve({ status: response.statusCode, headers: plain(response.headers), body: bounded });
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function timeForSizeMs({ slowestBytesPerSecond }: Purpose, { headers }: Response): number {
  const sizeBytes = Number(headers['content-length'] ?? 0);
  return Number.isSafeInteger(sizeBytes) ? (sizeBytes / slowestBytesPerSecond) * 1000 : 0;
}

function plain(headers: Response['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { MAINTENANCE_PAGE } from '../vendor-site/faults.js';

export const HOSTILE_MODES = [
  'endless-body',
  'slow-body',
  'gzip-bomb',
  'redirect-loop',
  'too-many-requests',
  'reset',
  'html',
  'server-error',
] as const;
export type HostileMode = (typeof HOSTILE_MODES)[number];

type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const PIECE = Buffer.alloc(64 * 1024, ' ');
const RETRY_AFTER_SECONDS = 60;
const BOMB_MEMBERS = 64;
let bombMember: Buffer | null = null;

/** What a host does instead of answering. */
export const misbehave: Readonly<Record<HostileMode, Misbehaviour>> = {
  async 'endless-body'(_request, response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    while (!response.destroyed) if (!response.write(PIECE)) await drained(response);
  },
  /** A byte per second. */
  async 'slow-body'(_request, response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    while (!response.destroyed) {
      response.write(' ');
      // Unreferenced: a farm that stops does not wait for it.
      await delay(1000, undefined, { ref: false });
    }
  },
  /** A gibibyte in about a megabyte: several members follow each other (RFC 1952 2.2). */
  async 'gzip-bomb'(_request, response) {
    bombMember ??= gzipSync(Buffer.alloc(16 << 20, ' '));
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    for (let sent = 0; sent < BOMB_MEMBERS && !response.destroyed; sent += 1)
      if (!response.write(bombMember)) await drained(response);
    response.end();
  },
  'redirect-loop'(request, response) {
    const next = new URL(request.url ?? '/', 'https://host.invalid');
    next.searchParams.set('again', String(Number(next.searchParams.get('again') ?? 0) + 1));
    response.writeHead(302, { location: `${next.pathname}${next.search}` }).end();
  },
  'too-many-requests'(_request, response) {
    response.writeHead(429, { 'retry-after': String(RETRY_AFTER_SECONDS) }).end('Too Many Requests\n');
  },
  reset(request) {
    request.socket.destroy();
  },
  html(_request, response) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(MAINTENANCE_PAGE);
  },
  'server-error'(_request, response) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error\n');
  },
};

function drained(response: ServerResponse): Promise<unknown> {
  const gone = new AbortController();
  return Promise.race([
    once(response, 'drain', { signal: gone.signal }).catch(() => undefined),
    once(response, 'close', { signal: gone.signal }).catch(() => undefined),
  ]).finally(() => gone.abort());
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createPlainServer, type Server as PlainServer } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { printable } from '../../core/errors.js';

/** PEM texts of a server's certificate (with its chain) and key. */
export interface ServerIdentity {
  readonly certificate: string;
  readonly key: string;
}

export interface ListeningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What a handler answers where it does not write to the response itself. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Thrown by handlers for a request that is not worth more than a status line and a reason. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(
    readonly status: number,
    reason: string,
  ) {
    super(reason);
  }
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const MAX_HEADER_BYTES = 16 * 1024;
/** Connections not accepted yet. Node's 511 makes the rest of 1,000 clients that come at once wait for their second SYN. */
const BACKLOG = 4096;
/** As IIS does. Node's 5 s close a connection just when a busy client takes it again. */
const KEEP_ALIVE_MS = 120_000;

/** An HTTPS server on the loopback address, with short header limits and timeouts. `port` 0: any free one. */
export async function listen(
  handler: Handler,
  tls: ServerIdentity & ServerOptions,
  port: number,
): Promise<ListeningServer> {
  const { certificate, key, ...options } = tls;
  return open(
    createServer(
      { ...options, cert: certificate, key, maxHeaderSize: MAX_HEADER_BYTES, minVersion: 'TLSv1.2' },
      listenerOf(handler),
    ),
    port,
  );
}

/** The same without TLS: how WSUS comes, and how content always travels. */
export async function listenPlain(handler: Handler, port: number): Promise<ListeningServer> {
  return open(createPlainServer({ maxHeaderSize: MAX_HEADER_BYTES }, listenerOf(handler)), port);
}

function listenerOf(handler: Handler): RequestListener {
  return (request, response) => {
    handler(request, response).catch((error: unknown) => refuse(response, error));
  };
}

async function open(server: Server | PlainServer, port: number): Promise<ListeningServer> {
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => resolve());
  });
  return { port: portOf(server), close: () => closeServer(server) };
}

function portOf(server: Server | PlainServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function closeServer(server: Server | PlainServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof RequestRefused ? error.status : 500;
  const reason = printable(error instanceof Error ? error.message : String(error));
  send(response, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
    body: `${reason}\n`,
  });
}

export function send(response: ServerResponse, answer: HttpAnswer): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body, 'utf8') : answer.body;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(body.length) });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  });
}

/** The whole body, or RequestRefused 413 as soon as it is larger than `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of request) {
    const bytes = Buffer.from(piece);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new RequestRefused(413, `a body of more than ${maxBytes} bytes`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** The path of the request with its query, without a host; RequestRefused 400 for what is no address. */
export function addressOf(request: IncomingMessage): URL {
  try {
    return new URL(`https://server.invalid${request.url ?? '/'}`);
  } catch {
    throw new RequestRefused(400, 'the address of the request is malformed');
  }
}

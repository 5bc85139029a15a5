import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { describeFault, PermanentError, printable } from '../../core/errors.js';
import type { Log } from '../../core/ports.js';
import { catalogAddress, contentAddress, revisionAddress } from './addresses.js';
import { type ServedFile, serveFile } from './serve-file.js';

export interface ServedCatalog {
  readonly path: string;
  readonly sha256: string;
  /** ISO 8601. */
  readonly modifiedAt?: string;
}

export interface CatalogServerOptions {
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM: the certificate with its chain, and its key. */
  readonly tls: { readonly certificate: string; readonly key: string };
  /** `/catalogs/<catalogName>.cab`, the address that sites subscribe to: it never changes. */
  readonly catalogName: string;
  /** The cabinet that stands now; null: nothing was published yet. */
  readonly currentCatalog: () => Promise<ServedCatalog | null>;
  /** `/catalogs/<catalogName>/<number>.cab`: the cabinet that once stood; absent: earlier ones are not served. */
  readonly catalogRevision?: (number: number) => Promise<ServedCatalog | null>;
  /** The path of a published file, or null for every other digest and name. */
  readonly contentPath: (sha256: string, fileName: string) => Promise<string | null>;
  readonly log: Log;
}

export interface CatalogServer {
  readonly port: number;
  /** `https://<host>:<port>` of the socket; sites may reach it by another name. */
  readonly url: string;
  close(): Promise<void>;
}

/** A client that takes nothing for so long is let go. */
const IDLE_MS = 60_000;
const HEADERS_MS = 15_000;
const REQUEST_MS = 30_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 1000;
const KEEP_ALIVE_MS = 10_000;

/** Catalog and content over HTTPS (design section 10): only what is published, only whole files, at fixed addresses. */
export async function startCatalogServer(options: CatalogServerOptions): Promise<CatalogServer> {
  const server = createTlsServer(options, (request, response) => {
    response.setTimeout(IDLE_MS, () => response.destroy());
    handle(options, request, response).catch((error: unknown) => fail(options, request, response, error));
  });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => socket.destroy());
  const { host, port: wanted } = options.listen;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(unusable(`${host}:${wanted}`, cause, 'choose another port in `content`, or end what uses it')),
    );
    server.listen(wanted, host, resolve);
  });
  const port = portOf(server);
  return { port, url: `https://${host}:${port}`, close: () => close(server) };
}

function createTlsServer({ tls }: CatalogServerOptions, listener: RequestListener): Server {
  const { certificate: cert, key } = tls;
  try {
    return createServer({ cert, key, minVersion: 'TLSv1.2', maxHeaderSize: MAX_HEADER_BYTES }, listener);
  } catch (cause) {
    throw unusable('certificate and key', cause, 'give PEM files that belong together');
  }
}

function unusable(where: string, cause: unknown, nextStep: string): PermanentError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new PermanentError('configuration.invalid', 'the catalog server cannot start', {
    where,
    found,
    nextStep,
    cause,
  });
}

async function handle(
  options: CatalogServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // No request has a body; one that is sent all the same is not read.
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return text(request, response, 405, 'GET or HEAD');
  }
  const file = await findFile(options, pathOf(request));
  if (file === null) return text(request, response, 404, 'there is no such file here');
  options.log.debug({ path: printable(request.url ?? '', 300), range: request.headers.range }, 'file served');
  await serveFile(file, request, response);
}

/** Only a known name and a digest become a path; everything else of the address never reaches the disk. */
async function findFile(options: CatalogServerOptions, path: string | null): Promise<ServedFile | null> {
  if (path === `/catalogs/${options.catalogName}.cab`) {
    const catalog = await options.currentCatalog();
    if (catalog === null) return null;
    return { ...catalogAddress(options.catalogName), ...catalog };
  }
  const number = revisionIn(path ?? '', options.catalogName);
  if (number !== null) {
    const catalog = (await options.catalogRevision?.(number)) ?? null;
    return catalog === null ? null : { ...revisionAddress(options.catalogName, number), ...catalog };
  }
  const [, sha256, fileName] = /^\/content\/([0-9a-f]{64})\/([^/\\]+)$/.exec(path ?? '') ?? [];
  if (sha256 === undefined || fileName === undefined) return null;
  const found = await options.contentPath(sha256, fileName);
  if (found === null) return null;
  return { ...contentAddress(sha256, fileName), path: found, sha256 };
}

/** The number in `/catalogs/<name>/12.cab`. */
function revisionIn(path: string, catalogName: string): number | null {
  const start = `/catalogs/${catalogName}/`;
  if (!path.startsWith(start)) return null;
  const [, digits] = /^([1-9]\d{0,8})\.cab$/.exec(path.slice(start.length)) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** The decoded path without its query, or null for what cannot be decoded. */
function pathOf(request: IncomingMessage): string | null {
  const [path = ''] = (request.url ?? '').split('?');
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function fail(
  options: CatalogServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const facts = { path: printable(request.url ?? '', 300), error: describeFault(error) };
  if (response.headersSent) {
    // Mostly a client that went away; it sees a file that ends too early, never one that looks whole.
    options.log.debug(facts, 'file not sent to its end');
    response.destroy();
    return;
  }
  options.log.error(facts, 'file cannot be served');
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  text(request, response, 500, 'the file cannot be served now');
}

function text(request: IncomingMessage, response: ServerResponse, status: number, reason: string): void {
  const body = `${reason}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

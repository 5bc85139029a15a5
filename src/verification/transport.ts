import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';
import { RetryableError } from '../core/errors.js';
import type { WuspAnswer, WuspTransport } from './wusp/transport.js';

export interface HttpsTransportOptions {
  /** PEM: who issues the certificates of servers; absent: the roots that Node ships with. */
  readonly ca?: string;
  /** PEM, the client's own certificate and key; null where the server asks for none. */
  readonly client: { readonly certificate: string; readonly key: string } | null;
  /** Sent as `Authorization: Bearer` with each request; absent: none. */
  readonly token?: string;
  /** Where a name is answered; the server's certificate is still checked for the name. */
  readonly hosts: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  readonly timeoutMs: number;
}

export interface HttpsTransport extends WuspTransport {
  /** A request of any method; used for the site's REST interface. */
  send(
    method: 'GET' | 'POST',
    address: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<WuspAnswer>;
  /** Ends the connections that are kept open. */
  close(): void;
}

const MAX_ANSWER_BYTES = 32 << 20;

/** HTTPS of Node with a host map, keep-alive and bounded answers. Redirects are not followed. */
export function createHttpsTransport(options: HttpsTransportOptions): HttpsTransport {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, timeout: options.timeoutMs });
  const exchange = (
    method: string,
    address: string,
    headers: Headers,
    body: string | null,
    maxBytes: number,
  ) =>
    ask(requestOptions(options, agent, method, address, headers), address, body, options.timeoutMs, maxBytes);
  return {
    post: (address, headers, body) => exchange('POST', address, headers, body, MAX_ANSWER_BYTES),
    get: (address, headers, maxBytes) => exchange('GET', address, headers, null, maxBytes),
    send: (method, address, headers, body) => exchange(method, address, headers, body, MAX_ANSWER_BYTES),
    close: () => agent.destroy(),
  };
}

type Headers = Readonly<Record<string, string>>;

function requestOptions(
  options: HttpsTransportOptions,
  agent: Agent,
  method: string,
  address: string,
  headers: Headers,
): RequestOptions & { servername: string } {
  const url = new URL(address);
  const place = options.hosts[url.hostname];
  return {
    agent,
    method,
    host: place?.address ?? url.hostname,
    port: place?.port ?? (url.port === '' ? 443 : Number(url.port)),
    servername: url.hostname,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      host: url.host,
    },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.client === null ? {} : { cert: options.client.certificate, key: options.client.key }),
  } as RequestOptions & { servername: string };
}

function ask(
  options: RequestOptions,
  address: string,
  body: string | null,
  timeoutMs: number,
  maxBytes: number,
): Promise<WuspAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(unreachable(address, cause));
    const call = request(options, (response) => {
      collect(response, maxBytes).then(
        (received) =>
          resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response), body: received }),
        fail,
      );
    });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', (error: NodeJS.ErrnoException) => {
      // The server had closed a connection that was kept open: it has not seen this request.
      if (!call.reusedSocket || error.code !== 'ECONNRESET') fail(error);
      else ask(options, address, body, timeoutMs, maxBytes).then(resolve, reject);
    });
    if (body === null) call.end();
    else call.end(Buffer.from(body, 'utf8'));
  });
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of response) {
    const bytes = Buffer.from(piece);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) {
      response.destroy();
      throw new Error(`an answer of more than ${maxBytes} bytes`);
    }
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function unreachable(address: string, cause: unknown): RetryableError {
  return new RetryableError('cmg.unreachable', 'the update server does not answer', {
    where: address,
    found: cause instanceof Error ? cause.message : String(cause),
    nextStep: 'check the address, the certificates and that the gateway runs; it is tried again',
    cause,
  });
}

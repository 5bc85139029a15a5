import {
  Agent as PlainAgent,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import { PermanentError, RetryableError } from '../core/errors.js';
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
  /** Of one exchange, from the first byte sent to the last one received. */
  readonly timeoutMs: number;
  /** The only origin that certificate and token are shown to; absent: every one. */
  readonly credentialsFor?: string;
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

/** HTTPS of Node, or HTTP where the address says so, with a host map, keep-alive and bounded answers. Redirects are not followed. */
export function createHttpsTransport(options: HttpsTransportOptions): HttpsTransport {
  const settings = { keepAlive: true, maxSockets: 4, timeout: options.timeoutMs };
  const agents = { secure: new Agent(settings), plain: new PlainAgent(settings) };
  const exchange = (
    method: string,
    address: string,
    headers: Headers,
    body: string | null,
    maxBytes: number,
  ) =>
    ask(
      requestOptions(options, agents, method, address, headers),
      address,
      body,
      options.timeoutMs,
      maxBytes,
    );
  return {
    post: (address, headers, body) => exchange('POST', address, headers, body, MAX_ANSWER_BYTES),
    get: (address, headers, maxBytes) => exchange('GET', address, headers, null, maxBytes),
    send: (method, address, headers, body) => exchange(method, address, headers, body, MAX_ANSWER_BYTES),
    close() {
      agents.secure.destroy();
      agents.plain.destroy();
    },
  };
}

type Headers = Readonly<Record<string, string>>;

interface Agents {
  readonly secure: Agent;
  readonly plain: PlainAgent;
}

function requestOptions(
  options: HttpsTransportOptions,
  agents: Agents,
  method: string,
  address: string,
  headers: Headers,
): RequestOptions & { servername: string } {
  const url = new URL(address);
  const isPlain = url.protocol === 'http:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const place = options.hosts[hostname];
  const port = url.port === '' ? (isPlain ? 80 : 443) : Number(url.port);
  const isKnown = options.credentialsFor === undefined || options.credentialsFor === url.origin;
  const { token, client } = isKnown ? options : { token: undefined, client: null };
  return {
    agent: isPlain ? agents.plain : agents.secure,
    protocol: url.protocol,
    method,
    host: place?.address ?? hostname,
    port: place?.port ?? port,
    // An address is no server name ([RFC 6066] 3); the certificate is then checked for the address.
    servername: isIP(hostname) === 0 ? hostname : '',
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      host: url.host,
    },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(client === null ? {} : { cert: client.certificate, key: client.key }),
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
    const open = options.protocol === 'http:' ? plainRequest : request;
    const call = open(options, (response) => {
      collect(response, maxBytes, address)
        .then(
          (received) =>
            resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response), body: received }),
          (cause) => reject(cause instanceof PermanentError ? cause : unreachable(address, cause)),
        )
        .finally(() => clearTimeout(deadline));
    });
    const deadline = setTimeout(
      () => call.destroy(new Error(`no whole answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    call.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      // The server had closed a connection that was kept open: it has not seen this request.
      if (!call.reusedSocket || error.code !== 'ECONNRESET') reject(unreachable(address, error));
      else ask(options, address, body, timeoutMs, maxBytes).then(resolve, reject);
    });
    if (body === null) call.end();
    else call.end(Buffer.from(body, 'utf8'));
  });
}

async function collect(response: IncomingMessage, maxBytes: number, where: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of response) {
    const bytes = Buffer.from(piece);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) {
      response.destroy();
      throw new PermanentError('protocol.violation', 'the update server answers with too much', {
        where,
        expected: `at most ${maxBytes} bytes`,
        found: 'more',
        nextStep: "look at the update server's log, and who answers at this address",
      });
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

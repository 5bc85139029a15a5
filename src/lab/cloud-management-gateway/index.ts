import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as openRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import type { HopFault } from '../hop-faults.js';
import {
  addressOf,
  type Handler,
  listen,
  RequestRefused,
  readBody,
  type ServerIdentity,
} from '../software-update-point/http.js';
import { contentFileOf, sendFile } from '../software-update-point/ranges.js';
import { isWuspPath } from '../software-update-point/wusp/endpoints.js';
import { createTokenCheck } from './tokens.js';

export { issueClientToken } from './tokens.js';

const MAX_REQUEST_BYTES = 4 << 20;
const MAX_ANSWER_BYTES = 32 << 20;
const UPSTREAM_TIMEOUT_MS = 60_000;

export interface CloudManagementGatewayOptions {
  /** 0: any free port of the loopback address. */
  readonly port: number;
  readonly identity: ServerIdentity;
  /** Its own name, for which tokens are issued. */
  readonly name: string;
  /** PEM: who issues the certificates and signs the tokens of client computers. */
  readonly clientCa: string;
  /** The software update point behind it; `name` is what its certificate must say. */
  readonly softwareUpdatePoint: {
    readonly address: string;
    readonly port: number;
    readonly name: string;
    /** PEM. */
    readonly ca: string;
  };
  /** What was distributed to the gateway: `<XX>/<SHA-1>.cab`. */
  readonly contentFolder: string;
  now(): Date;
}

export interface CloudManagementGateway {
  readonly port: number;
  /** What stands before `/ClientWebService`: `/CCM_Proxy_MutualAuth/<id>`. */
  readonly proxyPath: string;
  /** The same for computers with a token: `/CCM_Proxy_ServerAuth/<id>`. */
  readonly tokenPath: string;
  /** What goes wrong from now on; null: nothing. */
  setFault(fault: HopFault<'gateway'> | null): void;
  close(): Promise<void>;
}

/**
 * The number is the site's own id of the role behind the gateway; any one will do. That tokens have a path of their own
 * is seen in client logs, but no page of Microsoft's tells it: to take it for the one of tokens is the lab's own form.
 */
const ROLE = '72057594037927941';
const PROXY_PATH = `/CCM_Proxy_MutualAuth/${ROLE}`;
const TOKEN_PATH = `/CCM_Proxy_ServerAuth/${ROLE}`;

/**
 * A gateway that lets client computers with a certificate or a token reach the update services of a software update point,
 * and nothing else of it. Content comes from the gateway's own store: that its address is the proxied `/Content` path is
 * the lab's own form, no public page gives the real one.
 */
export async function startCloudManagementGateway(
  options: CloudManagementGatewayOptions,
): Promise<CloudManagementGateway> {
  const checkToken = createTokenCheck(options.clientCa, options.name);
  const { ca, name: servername } = options.softwareUpdatePoint;
  const upstream = new Agent({ keepAlive: true, ca, servername });
  let fault: HopFault<'gateway'> | null = null;
  const handler: Handler = async (request, response) => {
    if (fault === 'down') {
      request.socket.destroy();
      return;
    }
    const { pathname } = addressOf(request);
    const isToken = pathname.startsWith(`${TOKEN_PATH}/`);
    if (isToken) checkToken(request.headers.authorization, options.now());
    else requireClientCertificate(request);
    const path = proxiedPath(pathname, isToken ? TOKEN_PATH : PROXY_PATH);
    if (fault === 'refused') {
      throw new RequestRefused(
        403,
        'the software update point does not allow traffic of the cloud management gateway',
      );
    }
    if (isWuspPath(path)) await forward(options, upstream, path, request, response);
    else if (fault === 'no-content') throw new RequestRefused(404, 'the gateway does not have this content');
    else await sendFile(contentFileOf(options.contentFolder, path), request, response);
  };
  const server = await listen(
    handler,
    // Not rejected in the handshake: a client without a certificate is told so with status 403, as the gateway does.
    { ...options.identity, ca: options.clientCa, requestCert: true, rejectUnauthorized: false },
    options.port,
  );
  return {
    port: server.port,
    proxyPath: PROXY_PATH,
    tokenPath: TOKEN_PATH,
    setFault(next) {
      fault = next;
    },
    async close() {
      await server.close();
      upstream.destroy();
    },
  };
}

/**
 * Both are asked: `authorized` alone is also true for a TLS 1.3 session that was resumed from one without any
 * certificate, because Node takes the resumption for a pre-shared key.
 */
function requireClientCertificate(request: IncomingMessage): void {
  const socket = request.socket as TLSSocket;
  const presented = Object.keys(socket.getPeerCertificate()).length > 0;
  if (presented && socket.authorized) return;
  throw new RequestRefused(
    403,
    presented
      ? `the client certificate is not accepted: ${String(socket.authorizationError)}`
      : 'a client certificate is required',
  );
}

function proxiedPath(pathname: string, prefix: string): string {
  if (!pathname.startsWith(`${prefix}/`)) throw new RequestRefused(404, 'no such address on this gateway');
  return pathname.slice(prefix.length);
}

async function forward(
  options: CloudManagementGatewayOptions,
  upstream: Agent,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') throw new RequestRefused(405, 'a SOAP service takes POST');
  const body = await readBody(request, MAX_REQUEST_BYTES);
  const answer = await ask(options, upstream, path, request, body);
  const length = Number(answer.headers['content-length'] ?? Number.NaN);
  if (!(length <= MAX_ANSWER_BYTES)) {
    answer.destroy();
    throw new RequestRefused(502, 'the software update point answered without a length, or with too much');
  }
  response.writeHead(answer.statusCode ?? 502, {
    'content-type': answer.headers['content-type'] ?? 'text/xml; charset=utf-8',
    'cache-control': 'private',
    'content-length': String(length),
  });
  await pipeline(answer, response).catch(() => response.destroy());
}

function ask(
  options: CloudManagementGatewayOptions,
  upstream: Agent,
  path: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const { address, port, name } = options.softwareUpdatePoint;
  return new Promise((resolve, reject) => {
    const call = openRequest(
      {
        host: address,
        port,
        path,
        method: 'POST',
        agent: upstream,
        headers: {
          host: `${name}:${port}`,
          'content-type': request.headers['content-type'] ?? 'text/xml; charset=utf-8',
          'content-length': String(body.length),
          soapaction: String(request.headers.soapaction ?? ''),
        },
      },
      resolve,
    );
    call.setTimeout(UPSTREAM_TIMEOUT_MS, () => call.destroy(new Error('no answer in time')));
    call.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was kept open had been closed: the server has not seen this request.
      if (call.reusedSocket && error.code === 'ECONNRESET')
        ask(options, upstream, path, request, body).then(resolve, reject);
      else reject(new RequestRefused(502, `the software update point cannot be reached: ${error.message}`));
    });
    call.end(body);
  });
}

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CertifiedKey } from '../../../signing/certificates/index.js';
import type { CmsSigner } from '../../../signing/formats/signed-data.js';
import { QueryRejected, readTimestampQuery, type TimestampQuery } from './query.js';
import { timestampSigner, writeGranted, writeRejection } from './token.js';

/** Made for the lab, under the arc for examples (2.999). */
export const LAB_POLICY = '2.999.3161.1';
const MAX_QUERY_BYTES = 16 * 1024;

/** `refuse`: answers with a rejection; `wrong-nonce`: a good token for another nonce; `down`: breaks the connection. */
export type TimestampFault = 'refuse' | 'wrong-nonce' | 'down';

export interface TimestampAuthorityOptions {
  /** 0: any free port of the loopback address. */
  readonly port: number;
  /** For time stamping. */
  readonly identity: CertifiedKey;
  now(): Date;
  fault?(): TimestampFault | null;
}

export interface TimestampAuthority {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** The lab's RFC 3161 authority over HTTP on the loopback address. */
export async function startTimestampAuthority(
  options: TimestampAuthorityOptions,
): Promise<TimestampAuthority> {
  const signer = timestampSigner(options.identity);
  const server = createServer((request, response) => {
    answer(request, response, options, signer).catch(() => response.destroy());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  const port = portOf(server);
  return { port, url: `http://127.0.0.1:${port}/`, close: () => closeServer(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: TimestampAuthorityOptions,
  signer: CmsSigner,
): Promise<void> {
  const fault = options.fault?.() ?? null;
  if (fault === 'down') {
    response.destroy();
    return;
  }
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/timestamp-query') {
    response.writeHead(415, { connection: 'close' }).end('a POST of application/timestamp-query\n');
    return;
  }
  const body = await readQuery(request);
  const reply = body === null ? null : writeReply(body, options, signer, fault);
  if (reply === null) {
    response.writeHead(413, { connection: 'close' }).end('the query is too large\n');
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/timestamp-reply',
    'content-length': reply.length,
  });
  response.end(reply);
}

function writeReply(
  body: Buffer,
  options: TimestampAuthorityOptions,
  signer: CmsSigner,
  fault: TimestampFault | null,
): Buffer {
  try {
    if (fault === 'refuse') throw new QueryRejected('systemFailure', 'the authority is told to refuse');
    const query = readTimestampQuery(body, LAB_POLICY);
    const answered = fault === 'wrong-nonce' ? withOtherNonce(query) : query;
    const facts = { policy: LAB_POLICY, serialNumber: randomBytes(16), time: options.now() };
    return writeGranted(answered, facts, signer);
  } catch (error) {
    if (error instanceof QueryRejected) return writeRejection(error);
    throw error;
  }
}

function withOtherNonce(query: TimestampQuery): TimestampQuery {
  const nonce = Buffer.from(query.nonce ?? [0x02, 0x01, 0x00]);
  const last = nonce.length - 1;
  nonce.writeUInt8(nonce.readUInt8(last) ^ 1, last);
  return { ...query, nonce };
}

async function readQuery(request: IncomingMessage): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_QUERY_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

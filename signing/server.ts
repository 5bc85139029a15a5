import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { describeFault, PermanentError } from '../src/core/errors.js';
import type { Log } from '../src/core/ports.js';
import { codeSigner } from './authenticode/index.js';
import { type CertifiedKey, certificateDer, subjectOf, thumbprintOf } from './certificates/index.js';
import { openKeyFile } from './key-file.js';
import { parseSignedRequest } from './request.js';
import { createSigner, type SignerAnswer } from './signer.js';
import { writeFault } from './wire-fault.js';

/** `sockaddr_un` ends at 107 on Linux, at 103 on macOS. */
const MAX_SOCKET_PATH_BYTES = 100;
/** An attestation has about 500 bytes. */
const MAX_REQUEST_BYTES = 40 << 20;
const MAX_CONNECTIONS = 16;

export interface SignerOptions {
  readonly socketPath: string;
  readonly contentDir: string;
  /** PEM with key and certificates, or PKCS#12; mode 600. */
  readonly keyFile: string;
  readonly keyPassword?: string;
  /**
   * The content certificate: the WSUS signing certificate, or one that clients have in Trusted Publishers. Absent: this
   * signer signs no content. PEM or PKCS#12 with the same password; mode 600.
   */
  readonly contentKeyFile?: string;
  /** Makes a self-signed certificate for `publisherName` at the first start. */
  readonly createIfMissing: boolean;
  /** PEM. */
  readonly attestorPublicKey: string;
  readonly timestampUrls: readonly string[];
  /** DER. */
  readonly timestampRoots: readonly Uint8Array[];
  readonly publisherName: string;
  readonly log?: Log;
  now(): Date;
}

export interface SignerCertificate {
  readonly subject: string;
  readonly thumbprint: string;
  readonly der: Buffer;
}

export interface RunningSigner {
  readonly certificate: SignerCertificate;
  /** Null: it signs no content. */
  readonly contentCertificate: SignerCertificate | null;
  close(): Promise<void>;
}

/** The signer process: the only reader of the private key, behind a unix socket of mode 600. */
export async function startSigner(options: SignerOptions): Promise<RunningSigner> {
  const { keyFile, contentKeyFile, publisherName, now } = options;
  const identity = await openIdentity(options, keyFile, publisherName);
  const content =
    contentKeyFile === undefined
      ? null
      : await openIdentity(options, contentKeyFile, `${publisherName} Content`);
  const timestamp = { urls: options.timestampUrls, roots: options.timestampRoots, now };
  const sign = createSigner({
    contentDir: options.contentDir,
    attestorPublicKey: options.attestorPublicKey,
    signing: { identity, publisherName, timestamp },
    contentSigning: content === null ? null : { identity: content, publisherName, timestamp },
    now,
  });
  const server = createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    answer(request, response, sign, options.log).catch(() => response.destroy());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options.socketPath);
  return {
    certificate: describeCertificate(identity),
    contentCertificate: content === null ? null : describeCertificate(content),
    close: () => closeServer(server),
  };
}

async function openIdentity(
  { keyPassword = '', createIfMissing, now }: SignerOptions,
  path: string,
  publisherName: string,
): Promise<CertifiedKey> {
  const createSubject = createIfMissing ? publisherName : null;
  const identity = await openKeyFile({ path, password: keyPassword, createSubject }, now());
  // A key that cannot sign is told at the start, not at the first request.
  codeSigner(identity);
  return identity;
}

function describeCertificate({ certificate }: CertifiedKey): SignerCertificate {
  const der = certificateDer(certificate);
  return { subject: subjectOf(der), thumbprint: thumbprintOf(der), der };
}

type Sign = ReturnType<typeof createSigner>;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sign: Sign,
  log: Log | undefined,
): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/sign') {
    response.writeHead(404, { connection: 'close' }).end();
    return;
  }
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const reply = await replyTo(body, sign, log);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(reply));
}

async function replyTo(
  body: string,
  sign: Sign,
  log: Log | undefined,
): Promise<{ readonly signed: SignerAnswer } | { readonly fault: ReturnType<typeof writeFault> }> {
  try {
    const request = parseSignedRequest(body);
    const signed = await sign(request);
    log?.info(
      { contentSha256: request.contentSha256, updates: request.attestations.length, ...signed },
      'signed',
    );
    return { signed };
  } catch (error) {
    log?.warn({ fault: describeFault(error) }, 'not signed');
    return { fault: writeFault(error) };
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return null;
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_REQUEST_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function listen(server: Server, socketPath: string): Promise<void> {
  const length = Buffer.byteLength(socketPath);
  if (length > MAX_SOCKET_PATH_BYTES) {
    throw unusable(socketPath, `a path of at most ${MAX_SOCKET_PATH_BYTES} bytes`, `${length} bytes`);
  }
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
  if (await isAnswered(socketPath)) {
    throw unusable(socketPath, 'a socket of our own', 'another signer that answers on it');
  }
  removeLeftSocket(socketPath);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // The socket is made inside of this call; it must never be there with another mode.
    const before = process.umask(0o177);
    try {
      server.listen(socketPath, () => resolve());
    } finally {
      process.umask(before);
    }
  });
}

/** What a killed signer left; any other file is not ours to remove. */
function removeLeftSocket(socketPath: string): void {
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(socketPath, 'a socket or nothing', 'another file');
  rmSync(socketPath, { force: true });
}

function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function unusable(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('configuration.invalid', "the signer's socket cannot be used", {
    where,
    expected,
    found,
  });
}

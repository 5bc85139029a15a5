import { createReadStream } from 'node:fs';
import { AwsV4Signer } from 'aws4fetch';
import type { Got } from 'got';
import { PermanentError, printable, RetryableError } from '../core/errors.js';
import type { Mirror, MirroredFile } from '../core/mirror.js';
import { GuardedAgent, type GuardedAgentOptions } from './agent.js';
import { createGot } from './exchange.js';

/** Of the kinds that take a file with one PUT. */
export type ObjectStoreAccess =
  | {
      readonly kind: 's3';
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    }
  /** `sas`: the query of a shared access signature. */
  | { readonly kind: 'azure-blob'; readonly sas: string };

export interface ObjectStoreOptions {
  /** `https://...`, with the bucket or container, without a slash at the end. */
  readonly url: string;
  readonly access: ObjectStoreAccess;
  readonly outside: GuardedAgentOptions;
}

interface ObjectRequest {
  readonly method: 'HEAD' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** SHA-256 of nothing, which HEAD sends. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HEAD_TIMEOUT_MS = 30_000;
/** A connection that takes nothing for so long is given up. */
const IDLE_MS = 60_000;

/** An object store behind a web server: S3 and what speaks its protocol, or Azure Blob Storage. */
export function createObjectStoreMirror({ url, access, outside }: ObjectStoreOptions): Mirror {
  const { hostname } = new URL(url);
  // Its address is the administrator's own word, so it may be inside.
  const agent = new GuardedAgent({ ...outside, privateHosts: [...(outside.privateHosts ?? []), hostname] });
  const client = createGot(agent);
  const known = new Set<string>();
  return {
    place: url,
    async put(file, signal) {
      if (file.isFixed && known.has(file.path)) return;
      const address = `${url}/${file.path.split('/').map(encodeSegment).join('/')}`;
      const isKept = file.isFixed && (await isThere(client, access, { file, address, signal }));
      if (!isKept) await putObject(client, access, { file, address, signal });
      if (file.isFixed) known.add(file.path);
    },
  };
}

/** [RFC 3986] 2.3: everything but the unreserved characters, as Signature Version 4 is computed. */
function encodeSegment(segment: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(segment).replace(/[!'()*]/g, percent);
}

interface Asked {
  readonly file: MirroredFile;
  readonly address: string;
  readonly signal: AbortSignal;
}

async function isThere(
  client: Got,
  access: ObjectStoreAccess,
  { file, address, signal }: Asked,
): Promise<boolean> {
  const request = await authorized(access, { method: 'HEAD', url: address, headers: {} }, EMPTY_SHA256);
  const { statusCode, headers } = await sent(address, () =>
    client.head(request.url, { headers: request.headers, timeout: { request: HEAD_TIMEOUT_MS }, signal }),
  );
  if (statusCode === 404) return false;
  if (statusCode !== 200) throw refused(address, 'HEAD', statusCode, '');
  return Number(headers['content-length']) === file.sizeBytes;
}

async function putObject(
  client: Got,
  access: ObjectStoreAccess,
  { file, address, signal }: Asked,
): Promise<void> {
  const { contentType, cacheControl, sha256, sizeBytes } = file;
  const headers = {
    'content-length': String(sizeBytes),
    'content-type': contentType,
    'cache-control': cacheControl,
    ...(access.kind === 'azure-blob'
      ? { 'x-ms-blob-type': 'BlockBlob', 'x-ms-blob-cache-control': cacheControl }
      : {}),
  };
  const path = await file.source();
  const request = await authorized(access, { method: 'PUT', url: address, headers }, sha256);
  const { statusCode, body } = await sent(address, () =>
    client.put(request.url, {
      headers: request.headers,
      body: createReadStream(path),
      timeout: { socket: IDLE_MS },
      signal,
    }),
  );
  if (statusCode < 200 || statusCode > 299) throw refused(address, 'PUT', statusCode, body);
}

/** AWS Signature Version 4 over the digest of the body, or the signature that the administrator was given. */
async function authorized(
  access: ObjectStoreAccess,
  request: ObjectRequest,
  sha256: string,
): Promise<ObjectRequest> {
  if (access.kind === 'azure-blob') return { ...request, url: `${request.url}?${access.sas}` };
  const { region, accessKeyId, secretAccessKey } = access;
  const headers = { ...request.headers, 'x-amz-content-sha256': sha256 };
  const signer = new AwsV4Signer({
    ...request,
    headers,
    service: 's3',
    region,
    accessKeyId,
    secretAccessKey,
  });
  return { ...request, headers: Object.fromEntries((await signer.sign()).headers) };
}

async function sent<T>(address: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new RetryableError('target.unreachable', 'the object store of the mirror does not answer', {
      where: address,
      found: printable(cause instanceof Error ? cause.message : String(cause), 300),
      nextStep: 'look at content.mirror and the way there; it is tried again by itself',
      cause,
    });
  }
}

function refused(address: string, method: string, status: number, body: string): Error {
  const details = {
    where: `${method} ${address}`,
    found: printable(`${status} ${body}`, 500),
    nextStep:
      'look at the rights of the key or signature of content.mirror; it is tried again with the next sync',
  };
  return status >= 500 || status === 429
    ? new RetryableError('target.unreachable', 'the object store of the mirror has a fault', details)
    : new PermanentError('target.refused', 'the object store of the mirror refuses the file', details);
}

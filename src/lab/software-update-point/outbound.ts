import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where a name is answered; the certificate is still checked for the name. */
export type HostMap = Readonly<Record<string, { readonly address: string; readonly port: number }>>;

export interface Outbound {
  readonly hosts: HostMap;
  /** PEM. */
  readonly ca: string;
}

export interface DownloadedFile {
  readonly status: 200;
  readonly sizeBytes: number;
  readonly sha1: Buffer;
  readonly sha256: Buffer;
  readonly etag: string | null;
}

const TIMEOUT_MS = 30_000;

/** Null: an answer came, whatever it says. */
export async function whyUnreachable(outbound: Outbound, address: string): Promise<string | null> {
  try {
    (await get(outbound, address, null)).resume();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Downloads an https address into `path`; redirects are not followed. Null: 304, nothing new for this ETag.
 * Throws an Error with a plain reason; nothing is left at `path` then.
 */
export async function downloadTo(
  outbound: Outbound,
  address: string,
  path: string,
  options: {
    readonly maxBytes: number;
    readonly etag?: string | null;
    /** The lab's fault: something on the way changes the file. */
    readonly isAltered?: boolean;
  },
): Promise<DownloadedFile | null> {
  const response = await get(outbound, address, options.etag ?? null);
  if (response.statusCode === 304) {
    response.resume();
    return null;
  }
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`${address} answered ${response.statusCode ?? 'nothing'}`);
  }
  const meter = measuring(options.maxBytes, options.isAltered === true);
  try {
    await pipeline(response, meter.stream, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const etag = response.headers.etag;
  return { status: 200, ...meter.result(), etag: etag === undefined ? null : etag };
}

function get(outbound: Outbound, address: string, etag: string | null): Promise<IncomingMessage> {
  const url = new URL(address);
  if (url.protocol !== 'https:') throw new Error(`${address} is not https`);
  const place = outbound.hosts[url.hostname];
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: place?.address ?? url.hostname,
        port: place?.port ?? (url.port === '' ? 443 : Number(url.port)),
        servername: url.hostname,
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          'user-agent': 'SMS_ISVUPDATES_SYNCAGENT',
          ...(etag === null ? {} : { 'if-none-match': etag }),
        },
        ca: outbound.ca,
        agent: false,
      },
      resolve,
    );
    call.setTimeout(TIMEOUT_MS, () => call.destroy(new Error(`${address} did not answer in time`)));
    call.on('error', reject);
    call.end();
  });
}

function measuring(maxBytes: number, isAltered: boolean) {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      if (isAltered && sizeBytes === 0) piece.writeUInt8(piece.readUInt8(0) ^ 1, 0);
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) {
        done(new Error(`the file is larger than ${maxBytes} bytes`));
        return;
      }
      sha1.update(piece);
      sha256.update(piece);
      done(null, piece);
    },
  });
  return { stream, result: () => ({ sizeBytes, sha1: sha1.digest(), sha256: sha256.digest() }) };
}

import { statSync } from 'node:fs';
import { RetryableError } from '../../core/errors.js';
import { digestsOf, openPart, type PartFile } from './part-file.js';
import { violation } from './soap.js';
import type { WuspAnswer, WuspTransport } from './transport.js';

const RANGE_BYTES = 1 << 20;
/** A refusal of a small range may well be longer than the range. */
const REFUSAL_BYTES = 64 << 10;
/** Of one range; a connection that breaks more often is given up. */
const MAX_ATTEMPTS = 3;

/** A file as the Extended fragment tells it. */
export interface ExpectedFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Base64. */
  readonly sha1: string;
  readonly sha256: string | null;
}

/** Base64 may be broken into lines and padded or not: one spelling for each digest. */
export function sameDigest(base64: string): string {
  return Buffer.from(base64, 'base64').toString('base64');
}

/** Where a digest was not what the metadata says: a client discards the file. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
  constructor(
    readonly algorithm: 'SHA-1' | 'SHA-256' | 'size',
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${algorithm} of the downloaded file is ${found}, the metadata says ${expected}`);
  }
}

/** Where the server does not hand out the file. */
export class ContentUnavailable extends Error {
  override readonly name = 'ContentUnavailable';
}

/**
 * The content's address as this client can reach it: the path the server gave, below the client's own way to it. That
 * is the lab's own form; a device behind a gateway is given another location by its management point.
 */
export function contentAddress(base: string, url: string): string {
  const { pathname } = new URL(url);
  return `${base}${pathname}`;
}

/**
 * Downloads in ranges of 1 MiB into a file of that path, and checks size and digests on the way. It goes on where a connection
 * broke, also one of an earlier process, but only with the same file: each range must be of the entity tag that the first one
 * had. The file is there only where it is the whole one; one that is there already is not asked for again. DigestMismatch, ContentUnavailable, transport errors.
 */
export async function downloadContent(
  transport: WuspTransport,
  address: string,
  file: ExpectedFile,
  path: string,
): Promise<void> {
  if (isThere(file, path)) return;
  const part = openPart(path);
  try {
    while (part.sizeBytes < file.sizeBytes) await appendRange(transport, address, file.sizeBytes, part);
    checkWhole(file, part);
    part.finish();
  } catch (error) {
    if (!(error instanceof RetryableError)) part.discard();
    throw error;
  } finally {
    part.close();
  }
}

/** Members of bundles share files, and a folder may hold what an earlier call has downloaded. */
function isThere({ sizeBytes, sha1, sha256 }: ExpectedFile, path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.size !== sizeBytes) return false;
  const found = digestsOf(path);
  return found.sha1 === sha1 && (sha256 === null || found.sha256 === sha256);
}

/** The next range; a broken connection is tried again from where the last whole range ended. */
async function appendRange(
  transport: WuspTransport,
  address: string,
  sizeBytes: number,
  part: PartFile,
): Promise<void> {
  const start = part.sizeBytes;
  const end = Math.min(start + RANGE_BYTES, sizeBytes) - 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      part.append(await downloadRange(transport, address, start, end, sizeBytes, part));
      return;
    } catch (error) {
      if (!(error instanceof RetryableError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

type Validator = Pick<PartFile, 'etag' | 'rememberEtag'>;

/**
 * One range of a file of that size, and of that entity tag where one is known. ContentUnavailable, DigestMismatch where the
 * size is another, transport errors.
 */
export async function downloadRange(
  transport: WuspTransport,
  address: string,
  start: number,
  end: number,
  sizeBytes: number,
  validator: Validator | null = null,
): Promise<Buffer> {
  const etag = validator?.etag ?? null;
  const headers = {
    range: `bytes=${start}-${end}`,
    ...(etag === null ? {} : { 'if-range': etag }),
    'user-agent': 'Microsoft-Delivery-Optimization/10.1',
  };
  const answer = await transport.get(address, headers, Math.max(end - start + 1, REFUSAL_BYTES));
  if (answer.status === 200 && etag !== null) throw changed(address, etag, answer.headers);
  if (answer.status !== 206) {
    throw new ContentUnavailable(
      `${address} answered ${answer.status}: ${answer.body.toString('utf8', 0, 120).trim()}`,
    );
  }
  const range = answer.headers['content-range'] ?? '';
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range);
  if (match !== null && Number(match[3]) !== sizeBytes) {
    throw new DigestMismatch('size', String(sizeBytes), match[3] ?? '');
  }
  if (range !== `bytes ${start}-${end}/${sizeBytes}` || answer.body.length !== end - start + 1) {
    throw violation(address, `bytes ${start}-${end}/${sizeBytes}`, range);
  }
  if (validator !== null) keepEtag(address, validator, answer.headers);
  return answer.body;
}

/** Only a strong validator vouches for bytes ([RFC 9110] 13.1.5). */
function keepEtag(address: string, validator: Validator, headers: WuspAnswer['headers']): void {
  const { etag } = headers;
  const before = validator.etag;
  if (before !== null && etag !== before) throw changed(address, before, headers);
  if (before === null && etag !== undefined && /^"[^"]{1,200}"$/.test(etag)) validator.rememberEtag(etag);
}

function changed(address: string, before: string, { etag }: WuspAnswer['headers']): ContentUnavailable {
  return new ContentUnavailable(
    `${address} was another file before: its entity tag was ${before} and is ${etag ?? 'none'}`,
  );
}

function checkWhole(file: ExpectedFile, part: PartFile): void {
  if (part.sizeBytes !== file.sizeBytes) {
    throw new DigestMismatch('size', String(file.sizeBytes), String(part.sizeBytes));
  }
  const { sha1, sha256 } = part.digests();
  checkDigest('SHA-1', file.sha1, sha1);
  if (file.sha256 !== null) checkDigest('SHA-256', file.sha256, sha256);
}

function checkDigest(algorithm: 'SHA-1' | 'SHA-256', expected: string, found: string): void {
  if (expected !== found) throw new DigestMismatch(algorithm, expected, found);
}

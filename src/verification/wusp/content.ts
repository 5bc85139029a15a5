import { createHash } from 'node:crypto';
import { violation } from './soap.js';
import type { WuspTransport } from './transport.js';

const RANGE_BYTES = 1 << 20;
/** A refusal of a small range may well be longer than the range. */
const REFUSAL_BYTES = 64 << 10;

/** A file as the Extended fragment tells it. */
export interface ExpectedFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Base64. */
  readonly sha1: string;
  readonly sha256: string | null;
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

/** Downloads in ranges of 1 MiB and checks size and digests. DigestMismatch, ContentUnavailable, transport errors. */
export async function downloadContent(
  transport: WuspTransport,
  address: string,
  file: ExpectedFile,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let start = 0; start < file.sizeBytes; start += RANGE_BYTES) {
    const end = Math.min(start + RANGE_BYTES, file.sizeBytes) - 1;
    pieces.push(await downloadRange(transport, address, start, end, file.sizeBytes));
  }
  const bytes = Buffer.concat(pieces);
  checkDigest('SHA-1', file.sha1, createHash('sha1').update(bytes).digest('base64'));
  if (file.sha256 !== null) {
    checkDigest('SHA-256', file.sha256, createHash('sha256').update(bytes).digest('base64'));
  }
  return bytes;
}

/** One range of a file of that size. ContentUnavailable, DigestMismatch where the size is another, transport errors. */
export async function downloadRange(
  transport: WuspTransport,
  address: string,
  start: number,
  end: number,
  sizeBytes: number,
): Promise<Buffer> {
  const headers = { range: `bytes=${start}-${end}`, 'user-agent': 'Microsoft-Delivery-Optimization/10.1' };
  const answer = await transport.get(address, headers, Math.max(end - start + 1, REFUSAL_BYTES));
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
  return answer.body;
}

function checkDigest(algorithm: 'SHA-1' | 'SHA-256', expected: string, found: string): void {
  if (expected !== found) throw new DigestMismatch(algorithm, expected, found);
}

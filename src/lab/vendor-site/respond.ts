import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { rangeOf } from '../software-update-point/ranges.js';
import { etagOf } from './shelf.js';
import type { VendorAnswer } from './vendor.js';

type FeedAnswer = Extract<VendorAnswer, { kind: 'feed' }>;
type FileAnswer = Extract<VendorAnswer, { kind: 'file' }>;

/** A feed, or 304 where the request's conditions say that it is known. */
export function sendFeed(answer: FeedAnswer, request: IncomingMessage, response: ServerResponse): void {
  const body = Buffer.from(answer.body, 'utf8');
  const etag = `${answer.weakEtag === true ? 'W/' : ''}"${etagOf(body)}"`;
  const headers = { ...answer.headers, etag, 'last-modified': answer.modified.toUTCString() };
  if (isKnown(request, etag, answer.modified)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': answer.contentType,
    'content-length': String(body.length),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** [RFC 9110] 13.1: If-None-Match, compared weakly, wins over If-Modified-Since. */
function isKnown(request: IncomingMessage, etag: string, modified: Date): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = request.headers;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  if (tags !== undefined) return tags.split(',').some((tag) => strong(tag) === strong(etag));
  return since !== undefined && Date.parse(since) >= modified.getTime();
}

/** A file, whole or one range. */
export async function sendInstaller(
  { file, headers = {} }: FileAnswer,
  transfer: 'whole' | 'truncated' | 'slow',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { bytes, fixture } = file;
  const etag = `"${etagOf(bytes)}"`;
  const modified = new Date(fixture.releasedAt);
  const range = isRangeWanted(request, etag) ? rangeOf(request.headers.range, bytes.length) : null;
  const part = range === null ? bytes : bytes.subarray(range.start, range.end + 1);
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'application/octet-stream',
    ...headers,
    'accept-ranges': 'bytes',
    etag,
    'last-modified': modified.toUTCString(),
    'content-length': String(part.length),
    ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${bytes.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await TRANSFER[transfer](part, response);
}

/** [RFC 9110] 13.1.5: a range of another file than the client has begun is no use to it. */
function isRangeWanted(request: IncomingMessage, etag: string): boolean {
  const condition = request.headers['if-range'];
  return condition === undefined || condition === etag;
}

const SLOW_PIECE_BYTES = 64;
const SLOW_PAUSE_MS = 200;

const TRANSFER = {
  async whole(bytes: Buffer, response: ServerResponse): Promise<void> {
    response.end(bytes);
  },
  async truncated(bytes: Buffer, response: ServerResponse): Promise<void> {
    await new Promise((resolve) => response.write(bytes.subarray(0, bytes.length >> 1), resolve));
    response.destroy();
  },
  async slow(bytes: Buffer, response: ServerResponse): Promise<void> {
    for (let at = 0; at < bytes.length && !response.destroyed; at += SLOW_PIECE_BYTES) {
      response.write(bytes.subarray(at, at + SLOW_PIECE_BYTES));
      // Unreferenced: a lab that stops does not wait for it.
      await delay(SLOW_PAUSE_MS, undefined, { ref: false });
    }
    response.end();
  },
} as const;

import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RequestRefused } from './http.js';

/** `/Content/<XX>/<SHA-1>.<extension>`; nothing else becomes a path on disk. Case does not matter. */
export function contentFileOf(folder: string, path: string): string {
  const match = /^\/Content\/([0-9A-F]{2})\/([0-9A-F]{38}([0-9A-F]{2}))\.([0-9A-Z]{1,10})$/i.exec(path);
  if (match === null || match[1]?.toUpperCase() !== match[3]?.toUpperCase()) {
    throw new RequestRefused(404, 'no such content');
  }
  const [, group = '', digest = '', , extension = ''] = match;
  return join(folder, group.toUpperCase(), `${digest.toUpperCase()}.${extension.toLowerCase()}`);
}

/** Sends a file, whole or one range; 206 also for a range that is the whole file, as recorded. */
export async function sendFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestRefused(405, 'GET or HEAD');
  const facts = fileFacts(path);
  const etag = `"${facts.modified.getTime().toString(16)}:0"`;
  const validator = request.headers['if-range'];
  // [RFC 9110] 13.1.5: of another file than the client has a part of, the whole.
  const isSame = validator === undefined || validator === etag;
  const range = isSame ? rangeOf(request.headers.range, facts.sizeBytes) : null;
  const { start, end } = range ?? { start: 0, end: facts.sizeBytes - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': facts.modified.toUTCString(),
    etag,
    'content-length': String(end - start + 1),
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${facts.sizeBytes}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // A client that goes away in the middle of a file is no event.
  await pipeline(createReadStream(path, { start, end }), response).catch(() => response.destroy());
}

function fileFacts(path: string): { sizeBytes: number; modified: Date } {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isFile() || facts.size === 0) {
    throw new RequestRefused(404, 'no such content');
  }
  return { sizeBytes: facts.size, modified: facts.mtime };
}

/** One range of [RFC 9110] 14.1.2; several are answered with the whole file. */
export function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | null {
  const match = /^bytes=(\d{1,15})?-(\d{1,15})?$/.exec(header ?? '');
  if (match === null || (match[1] === undefined && match[2] === undefined)) return null;
  const last = sizeBytes - 1;
  const start = match[1] === undefined ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1]);
  const end = match[1] === undefined || match[2] === undefined ? last : Math.min(last, Number(match[2]));
  if (start > end) throw new RequestRefused(416, `the file has ${sizeBytes} bytes`);
  return { start, end };
}

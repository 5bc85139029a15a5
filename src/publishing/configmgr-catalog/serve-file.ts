import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isNotModified, rangeOf } from './preconditions.js';

/** An object of the content store, which never changes: what is open is whole. */
export interface ServedFile {
  readonly path: string;
  /** Of the file; its strong ETag. */
  readonly sha256: string;
  /** ISO 8601; absent: when the file was written. */
  readonly modifiedAt?: string | undefined;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** Answers GET and HEAD: whole, one range (206, 416), or 304. System errors before the first byte are thrown. */
export async function serveFile(
  file: ServedFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const handle = await open(file.path, 'r');
  try {
    await answer(handle, file, request, response);
  } finally {
    await handle.close();
  }
}

async function answer(
  handle: FileHandle,
  file: ServedFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size, mtime } = await handle.stat();
  const modified = file.modifiedAt === undefined ? mtime : new Date(file.modifiedAt);
  const validators = { etag: `"${file.sha256}"`, modified };
  response.setHeader('etag', validators.etag);
  response.setHeader('last-modified', modified.toUTCString());
  response.setHeader('cache-control', file.cacheControl);
  response.setHeader('accept-ranges', 'bytes');
  if (isNotModified(request.headers, validators)) {
    response.writeHead(304).end();
    return;
  }
  // Ranges are defined for GET alone. [RFC 9110] 14.2
  const range = request.method === 'GET' ? rangeOf(request.headers, size, validators) : null;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': '0' }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'content-type': file.contentType,
    'content-length': String(end - start + 1),
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || end < start) {
    response.end();
    return;
  }
  await pipeline(handle.createReadStream({ start, end, autoClose: false }), response);
}

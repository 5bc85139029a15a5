import type { IncomingHttpHeaders } from 'node:http';

/** What a file is known by: a strong ETag (its digest) and when it became what it is. */
export interface Validators {
  readonly etag: string;
  readonly modified: Date;
}

/** Whether the client has this very file already. [RFC 9110] 13.1.2, 13.1.3 */
export function isNotModified(headers: IncomingHttpHeaders, { etag, modified }: Validators): boolean {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === '*') return true;
    return noneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && wholeSeconds(modified) <= since;
}

export type ByteRange = { readonly start: number; readonly end: number };

/**
 * One range of [RFC 9110] 14.1.2; null: the whole file, also for several ranges, for what is no range, and for a part of
 * another file (If-Range). `unsatisfiable`: a range that the file does not have.
 */
export function rangeOf(
  headers: IncomingHttpHeaders,
  sizeBytes: number,
  validators: Validators,
): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d{1,15})?-(\d{1,15})?$/.exec(headers.range?.trim() ?? '');
  if (match === null || (match[1] === undefined && match[2] === undefined)) return null;
  if (!isSameFile(headers['if-range'], validators)) return null;
  const last = sizeBytes - 1;
  if (match[1] === undefined) {
    const suffix = Number(match[2]);
    return suffix === 0 || sizeBytes === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, sizeBytes - suffix), end: last };
  }
  const start = Number(match[1]);
  const end = match[2] === undefined ? last : Number(match[2]);
  if (end < start && match[2] !== undefined) return null;
  return start > last ? 'unsatisfiable' : { start, end: Math.min(last, end) };
}

/** [RFC 9110] 13.1.5: a date must be the very date, a tag the very tag. */
function isSameFile(ifRange: string | string[] | undefined, { etag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  const text = String(ifRange).trim();
  return text === etag || (!text.includes('"') && Date.parse(text) === wholeSeconds(modified));
}

/** HTTP dates have no fractions. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

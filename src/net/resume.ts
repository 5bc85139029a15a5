import type { ResumePoint } from '../core/ports.js';

type Headers = Readonly<Record<string, string>>;

/** RFC 9110 14.2 and 13.1.5: the rest, if it still belongs to what is there; else the whole. */
export function resumeHeaders({ offsetBytes, validator }: ResumePoint): Headers {
  return { range: `bytes=${offsetBytes}-`, 'if-range': validator };
}

/** Whether a 206 is exactly the rest that was asked for, of the same whole: anything else is not appended. */
export function isTheRest(from: ResumePoint, headers: Headers): boolean {
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers['content-range']?.trim() ?? '');
  if (range === null) return false;
  const [first, last, total] = range.slice(1).map(Number) as [number, number, number];
  const length = headers['content-length'];
  return (
    first === from.offsetBytes &&
    last === total - 1 &&
    (from.totalBytes === null || total === from.totalBytes) &&
    (length === undefined || Number(length) === total - first) &&
    headers['content-encoding'] === undefined &&
    saysTheSame(from.validator, headers)
  );
}

/** A 206 must repeat the entity tag, and may repeat the date (RFC 9110 15.3.7); another one is another file. */
function saysTheSame(validator: string, headers: Headers): boolean {
  if (validator.startsWith('"')) return headers.etag === validator;
  const modified = headers['last-modified'];
  return modified === undefined || modified === validator;
}

/**
 * What can tell later that a file is still this one: a strong entity tag, or a date that is strong because the answer
 * was made at least a second after it (RFC 9110 8.8.2.2). Null: it cannot be resumed.
 */
export function strongValidator(headers: Headers): string | null {
  if (headers['content-encoding'] !== undefined) return null;
  const { etag, 'last-modified': modified = '', date = '' } = headers;
  if (etag !== undefined) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : null;
  const ageMs = Date.parse(date) - Date.parse(modified);
  return ageMs >= 1000 ? modified : null;
}

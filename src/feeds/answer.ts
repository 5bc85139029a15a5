import { PermanentError, printable } from '../core/errors.js';
import type { FeedResponse } from '../core/release.js';

/** The body as text, in the character set that its header names, else UTF-8. */
export function textOf(response: FeedResponse): string {
  if (response.body.includes(0)) throw malformed(response, 'text', 'a binary file');
  const label = /charset="?([\w-]{1,30})/i.exec(response.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return new TextDecoder(isKnown(label) ? label : 'utf-8').decode(response.body);
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

/** PermanentError `feed.malformed` that says what came instead: a web page, most often. */
export function jsonOf(response: FeedResponse): unknown {
  const text = new TextDecoder('utf-8').decode(response.body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(response, 'JSON', describeText(text), error);
  }
}

export function malformed(
  response: FeedResponse,
  expected: string,
  found: string,
  cause?: unknown,
): PermanentError {
  return new PermanentError('feed.malformed', 'the feed answered with something else', {
    where: printable(response.finalUrl, 300),
    expected,
    found: printable(found, 300),
    nextStep: "open the address and look whether the vendor's feed has moved or changed its form",
    ...(cause === undefined ? {} : { cause }),
  });
}

export function describeText(text: string): string {
  const start = text.trimStart().slice(0, 4000);
  if (start === '') return 'nothing';
  if (!/^<(?:!doctype\s+html|html|head|body|!--)/i.test(start)) {
    return `${/^[[{]/.test(start) ? 'broken JSON' : start.startsWith('<') ? 'XML' : 'text'}, beginning with ${JSON.stringify(start.slice(0, 60))}`;
  }
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(start)?.[1]?.trim();
  return title ? `a web page, titled ${JSON.stringify(title)}` : 'a web page';
}

/** In words, as deep as a person needs: `an object with message, status`. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  const names = Object.keys(value);
  return `an object with ${names.slice(0, 6).join(', ') || 'no members'}`;
}

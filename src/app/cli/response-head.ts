import { PermanentError, printable } from '../../core/errors.js';
import type { FeedResponse } from '../../core/release.js';

export type ResponseHead = Omit<FeedResponse, 'body'>;

const FIELD = /^([\w!#$%&'*+.^`|~-]{1,100}):[ \t]*(.*)$/;

/**
 * The head of an HTTP response, or one for each redirect that was followed, as `curl -D` writes them: status line, then
 * `Name: value` (RFC 9112 4, 5). `X-Final-Url` names the address after redirects, else each `Location` is followed from
 * `askedUrl`. PermanentError `feed.malformed` where a status line is missing.
 */
export function parseResponseHead(text: string, askedUrl: string): ResponseHead {
  // The mark of UTF-8, as Latin-1 reads it; line ends as tools and copies of files leave them.
  const plain = text.replace(/^\xEF\xBB\xBF/, '').replace(/\r*\n|\r/g, '\n');
  // Lines that go on are one (RFC 9112 5.2).
  const unfolded = plain.replace(/\n[ \t]+(?=\S)/g, ' ');
  const blocks = unfolded.split('\n\n').filter((block) => block.trim() !== '');
  let finalUrl = askedUrl;
  let head: ResponseHead | null = null;
  for (const block of blocks) {
    const { status, headers } = parseBlock(block);
    const isRedirect = status >= 300 && status < 400 && status !== 304;
    const next = headers['x-final-url'] ?? (isRedirect ? headers.location : undefined);
    finalUrl = next === undefined ? finalUrl : addressFrom(next, finalUrl);
    head = { status, headers, finalUrl };
  }
  return head ?? parseBlock(text);
}

function parseBlock(block: string): ResponseHead {
  const [line = '', ...fields] = block.trim().split('\n');
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?: |$)/.exec(line.trim())?.[1];
  if (status === undefined) throw malformedHead('a status line such as HTTP/1.1 200 OK', line);
  const headers: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const [, name, value = ''] = FIELD.exec(field) ?? [];
    if (name === undefined) throw malformedHead('a field such as Content-Type: text/html', field);
    headers[name.toLowerCase()] = value.trim();
  }
  return { status: Number(status), headers, finalUrl: '' };
}

function addressFrom(address: string, base: string): string {
  if (URL.canParse(address, base)) return new URL(address, base).href;
  throw malformedHead('an address in Location or X-Final-Url', address);
}

function malformedHead(expected: string, found: string): PermanentError {
  return new PermanentError('feed.malformed', 'the head of the response cannot be read', {
    expected,
    found: found.trim() === '' ? 'nothing' : printable(found, 200),
    nextStep: 'give the head as it was received: curl -D FILE writes it',
  });
}

import { PermanentError, printable } from '../core/errors.js';
import type { FeedResponse } from '../core/release.js';
import { parseJson } from '../text/json.js';
import { type KeyValues, parseKeyValues } from '../text/key-values.js';
import { parseXml, type XmlElement } from '../text/xml/index.js';
import { parseYaml } from '../text/yaml.js';

/**
 * The body as text, in the character set of its byte-order mark, else in the one that its header names, else in the one
 * that it declares itself, else UTF-8.
 */
export function textOf(response: FeedResponse, declared = 'utf-8'): string {
  const marked = MARKS.find(([mark]) => response.body.subarray(0, 2).equals(mark))?.[1];
  if (marked !== undefined) return new TextDecoder(marked).decode(response.body);
  if (response.body.includes(0)) throw malformed(response, 'text', 'a binary file');
  const label = /charset="?([\w-]{1,30})/i.exec(response.headers['content-type'] ?? '')?.[1] ?? declared;
  return new TextDecoder(isKnown(label) ? label : 'utf-8').decode(response.body);
}

const MARKS = [
  [Buffer.from([0xff, 0xfe]), 'utf-16le'],
  [Buffer.from([0xfe, 0xff]), 'utf-16be'],
] as const;

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

/** A web page: what stands in a `meta` at its beginning counts as declared (HTML 13.2.3.2). */
export function pageOf(response: FeedResponse): string {
  const start = response.body.subarray(0, 1024).toString('latin1');
  return textOf(response, /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,30})/i.exec(start)?.[1]);
}

/** PermanentError `feed.malformed` that says what came instead: a web page, most often. */
export function jsonOf(response: FeedResponse): unknown {
  // Some put a line before it, so that no script can load it.
  return decoded(response, 'JSON', textOf(response).replace(/^\)\]\}'?,?\s*\n/, ''), parseJson);
}

/** Numbers stay texts: `1.10` is a version. PermanentError `feed.malformed`. */
export function yamlOf(response: FeedResponse): unknown {
  return decoded(response, 'YAML', textOf(response), (text) => parseYaml(text, { scalars: 'no-numbers' }));
}

/** PermanentError `feed.malformed` where no line is a key with a value, or it is a web page. */
export function keyValuesOf(response: FeedResponse): KeyValues {
  const text = textOf(response);
  const values = parseKeyValues(text);
  if (Object.keys(values).length > 0 && !text.trimStart().startsWith('<')) return values;
  throw malformed(response, 'lines with keys and values', describeText(text));
}

function decoded(
  response: FeedResponse,
  form: string,
  text: string,
  parse: (text: string) => unknown,
): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const isDeep = error.message.endsWith('too deep');
    throw malformed(response, form, `${describeText(text)}${isDeep ? ' (nested too deep)' : ''}`, error);
  }
}

/**
 * The root element, in the character set of the byte-order mark, the header or the declaration. What stylesheets and
 * document types say is left out: nothing of them is ever fetched or expanded.
 */
export function xmlOf(response: FeedResponse): XmlElement {
  const text = xmlText(response);
  try {
    return parseXml(text.replace(PROLOG, ''), { where: printable(response.finalUrl, 300) });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const where = error.where === undefined ? '' : ` at ${error.where}`;
    throw malformed(response, 'XML', `${describeText(text)} (${error.message}${where})`, error);
  }
}

/** [XML 1.0] 2.8 without an internal subset, which a reader of untrusted text has no use for. */
const PROLOG =
  /^\s*(?:<\?xml\s[^>]{0,200}\?>\s*)?(?:<!--(?:[^-]|-(?!->)){0,4000}-->\s*|<\?xml-stylesheet\s[^>]{0,1000}\?>\s*|<!DOCTYPE\s[^>[]{0,1000}>\s*){0,20}/;

function xmlText(response: FeedResponse): string {
  const declared = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.-]{1,30})["']/.exec(
    response.body.subarray(0, 300).toString('latin1'),
  )?.[1];
  return textOf(response, declared);
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

import { jsonTextOf } from './json.js';
import type { JsonNode } from './json-path/index.js';

/** Exponents are not how versions are written. */
const DIGITS = /^-?\d+(?:\.\d+)?$/;

/**
 * A text or number of a document; a number as it stands in the JSON text that `parseJson` has read: `1.10`, and all
 * digits beyond 2^53. Of other documents, and with an exponent, as the number that it is.
 */
export function scalarText(node: JsonNode & { readonly value: string | number }): string {
  if (typeof node.value === 'string') return node.value;
  const written = writtenAt(node);
  // The number of an entry, which `~` selects, stands nowhere in the text.
  const isWritten = typeof written === 'string' && DIGITS.test(written) && Number(written) === node.value;
  return isWritten ? written : String(node.value);
}

/** The value at the same place of the document in which numbers are texts. */
function writtenAt({ key, value, parent }: JsonNode): unknown {
  if (parent === null) return typeof value === 'object' && value !== null ? asWritten(value) : undefined;
  const within = writtenAt(parent);
  if (key === null || typeof within !== 'object' || within === null) return undefined;
  return Object.hasOwn(within, key) ? (within as Record<string, unknown>)[key] : undefined;
}

const written = new WeakMap<object, unknown>();

/** Read a second time only where a number is asked about; undefined: it was no JSON text. */
function asWritten(document: object): unknown {
  if (written.has(document)) return written.get(document);
  const text = jsonTextOf(document);
  const twin: unknown = text === undefined ? undefined : JSON.parse(withNumbersAsTexts(text));
  written.set(document, twin);
  return twin;
}

/** Of a text that is known to be JSON. Linear: each character is looked at once, or twice after a backslash. */
function withNumbersAsTexts(text: string): string {
  const token = /"|-?\d[\d.eE+-]*/g;
  const parts: string[] = [];
  let from = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfText(text, token.lastIndex);
    } else {
      parts.push(text.slice(from, match.index), '"', match[0], '"');
      from = token.lastIndex;
    }
  }
  return parts.join('') + text.slice(from);
}

/** Behind the closing quotation mark: the next one before which an even number of backslashes stands. */
function endOfText(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (before > from && text[before - 1] === '\\') before -= 1;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return text.length;
}

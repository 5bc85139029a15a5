import { TextDecoder } from 'node:util';
import { PermanentError } from '../../../core/errors.js';
import { childElements, parseXml, type XmlElement } from '../../../text/xml/index.js';

/** Of one child of the root, and of what may stand between two. */
const MAX_CHILD_CHARS = 8 << 20;
/** Read before the scan goes on: a child that spans many pieces is not scanned again with each. */
const STEP_CHARS = 1 << 20;
/** Comment, processing instruction, CDATA section, or a tag: its slash in front, its slash at the end. */
const MARKUP =
  /<(?:!--[\s\S]*?-->|\?[\s\S]*?\?>|!\[CDATA\[[\s\S]*?\]\]>|(\/?)[A-Za-z_](?:"[^"]*"|'[^']*'|[^"'<>])*?(\/?)>)/y;

/**
 * The root of a catalog's XML without its children, then each child by itself: the XML of a large vendor is 168 MB, one
 * package is some KB (configmgr-catalog 2). PermanentError `payload.invalid` as `parseXml`, and where it ends too early.
 */
export function* rootChildren(pieces: Iterable<Uint8Array>, where: string): Generator<XmlElement> {
  const parse = (text: string): XmlElement => parseXml(text, { where, maxBytes: MAX_CHILD_CHARS * 2 });
  let open = '';
  let close = '';
  for (const { kind, text } of splitRoot(decoded(pieces, where), where)) {
    if (kind === 'root') {
      const name = /^<([^\s/>]+)/.exec(text)?.[1] ?? '';
      open = text.endsWith('/>') ? `${text.slice(0, -2)}>` : text;
      close = `</${name}>`;
      yield parse(open + close);
    } else {
      // Inside the root's own tags, so that what those declare is known.
      const [child] = childElements(parse(open + text + close));
      if (child !== undefined) yield child;
    }
  }
}

interface Part {
  readonly kind: 'root' | 'child';
  readonly text: string;
}

function* splitRoot(chunks: Iterable<string>, where: string): Generator<Part> {
  let text = '';
  let at = 0;
  let depth = 0;
  let start = 0;
  let isOver = false;
  for (const chunk of chunks) {
    text = text.slice(start) + chunk;
    at -= start;
    start = 0;
    if (text.length > MAX_CHILD_CHARS) throw broken(where, 'a package of the catalog is too large');
    for (let next = nextMarkup(text, at); next !== null; next = nextMarkup(text, at)) {
      at = next.end;
      if (!next.isTag) continue;
      if (isOver) throw broken(where, 'there is more behind the end of the root element');
      if (next.isEnd) depth -= 1;
      else if (!next.isEmpty) depth += 1;
      if (!next.isEnd && depth === (next.isEmpty ? 0 : 1)) {
        yield { kind: 'root', text: text.slice(next.start, at) };
        start = at;
      } else if (depth === 1) {
        yield { kind: 'child', text: text.slice(start, at) };
        start = at;
      }
      isOver = depth <= 0;
    }
  }
  if (!isOver) throw broken(where, 'the XML ends too early');
}

function nextMarkup(text: string, from: number) {
  const start = text.indexOf('<', from);
  if (start < 0) return null;
  MARKUP.lastIndex = start;
  const match = MARKUP.exec(text);
  if (match === null) return null;
  const [, slash, last] = match;
  return {
    start,
    end: MARKUP.lastIndex,
    isTag: slash !== undefined,
    isEnd: slash === '/',
    isEmpty: last === '/',
  };
}

function* decoded(pieces: Iterable<Uint8Array>, where: string): Generator<string> {
  let decoder: TextDecoder | null = null;
  let text = '';
  try {
    for (const piece of pieces) {
      decoder ??= new TextDecoder(piece[0] === 0xff && piece[1] === 0xfe ? 'utf-16le' : 'utf-8', {
        fatal: true,
      });
      text += decoder.decode(piece, { stream: true });
      if (text.length < STEP_CHARS) continue;
      yield text;
      text = '';
    }
    yield text + (decoder?.decode() ?? '');
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw broken(where, 'the XML is not the text that it says to be', cause);
  }
}

function broken(where: string, message: string, cause?: unknown): PermanentError {
  return new PermanentError('payload.invalid', message, {
    where,
    expected: 'a SystemsManagementCatalog',
    ...(cause === undefined ? {} : { cause }),
  });
}

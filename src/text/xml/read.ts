import { printable } from '../../core/errors.js';
import { decodeXml, refuse } from './decode.js';
import type { XmlElement } from './element.js';
import { firstForbidden } from './entities.js';
import { positionOf } from './position.js';
import { readContent } from './tree.js';
import type { MarkupLimits } from './well-formed.js';

export interface XmlLimits {
  /** What the document is, for messages. */
  readonly where?: string;
  /** Bytes, or UTF-16 units where text is given. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Levels of elements. Default 64. */
  readonly maxDepth?: number;
  /** On one element. Default 256. */
  readonly maxAttributes?: number;
}

const SIXTEEN_MIB = 16 * 1024 * 1024;

/**
 * Reads one untrusted document. Strict where it protects: one root, matched tags, unique attributes, bound prefixes,
 * no DOCTYPE, no processing instruction, only the five entities and character references, limits of size and depth.
 * Throws PermanentError `payload.invalid` with line and column.
 */
export function parseXml(source: Uint8Array | string, limits: XmlLimits = {}): XmlElement {
  const { text, where } = prepare(source, limits);
  const offset = declarationLength(text, where);
  const roots = readContent(text, offset, markupLimits(limits, where));
  const [root] = roots;
  if (roots.length !== 1 || root === undefined)
    throw refuse(where, `${roots.length} root elements`, 'one root element');
  return root;
}

/** Reads a sequence of elements (an MS-WUSP fragment): the same strictness, any number of roots, no XML declaration. */
export function parseXmlFragment(source: Uint8Array | string, limits: XmlLimits = {}): readonly XmlElement[] {
  const { text, where } = prepare(source, limits);
  return readContent(text, 0, markupLimits(limits, where));
}

function markupLimits(limits: XmlLimits, where: string): MarkupLimits {
  return { where, maxDepth: limits.maxDepth ?? 64, maxAttributes: limits.maxAttributes ?? 256 };
}

function prepare(source: Uint8Array | string, limits: XmlLimits): { text: string; where: string } {
  const where = limits.where ?? 'XML document';
  const maxBytes = limits.maxBytes ?? SIXTEEN_MIB;
  if (source.length > maxBytes) throw refuse(where, `${source.length} bytes`, `at most ${maxBytes} bytes`);
  const decoded = typeof source === 'string' ? source : decodeXml(source, where);
  // [XML 1.0] 2.11: line ends become line feeds before anything else is read.
  const text = decoded.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const forbidden = firstForbidden(text);
  if (forbidden >= 0) {
    throw refuse(
      positionOf(where, text, forbidden),
      `character ${printable(text.charAt(forbidden))} is not allowed`,
    );
  }
  return { text, where };
}

/** [XML 1.0] 2.8: the declaration is optional, first, and says 1.0 here. */
function declarationLength(text: string, where: string): number {
  if (!/^<\?xml[ \t\r\n?]/.test(text)) return 0;
  const declaration =
    /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]"|'1\.[0-9]')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[A-Za-z][\w.-]{0,40}"|'[A-Za-z][\w.-]{0,40}'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/.exec(
      text,
    );
  if (declaration === null)
    throw refuse(`${where}, line 1`, 'XML declaration is malformed', '<?xml version="1.0"?>');
  return declaration[0].length;
}

import { PermanentError } from '../../core/errors.js';
import type { XmlElement } from './element.js';
import { firstForbidden } from './entities.js';

export interface XmlStyle {
  /** `<?xml version="1.0" encoding="utf-8"?>` and a line end before the root. Default false. */
  readonly declaration?: boolean;
  /** Spaces per level, for elements that hold no text. Default 0: no white space is added. */
  readonly indent?: number;
  /** What stands before the end of an empty element: `<X />` (default) or `<X/>`. */
  readonly emptyEnd?: ' />' | '/>';
}

/**
 * Deterministic text of a tree. A prefix that is not yet bound to the element's namespace is declared where it is needed,
 * so a tree can be built without declarations; those that the tree has are written first.
 * Throws PermanentError `payload.invalid` for characters that no document may hold.
 */
export function writeXml(root: XmlElement, style: XmlStyle = {}): string {
  const out: string[] = [];
  if (style.declaration === true) out.push('<?xml version="1.0" encoding="utf-8"?>\n');
  writeElement(root, new Map([['', '']]), 0, style, out);
  if ((style.indent ?? 0) > 0) out.push('\n');
  const text = out.join('');
  const forbidden = firstForbidden(text);
  if (forbidden < 0) return text;
  const code = text.charCodeAt(forbidden).toString(16).padStart(4, '0');
  throw new PermanentError('payload.invalid', `character U+${code} cannot be written to XML`, {
    where: `<${root.localName}>`,
    expected: 'characters of XML 1.0',
    nextStep: 'Remove the character from the text it came with.',
  });
}

function writeElement(
  from: XmlElement,
  outer: ReadonlyMap<string, string>,
  level: number,
  style: XmlStyle,
  out: string[],
): void {
  const { bound, declared } = bind(from, outer);
  const name = from.prefix === '' ? from.localName : `${from.prefix}:${from.localName}`;
  out.push('<', name, declared);
  for (const attribute of from.attributes) {
    const prefix = attribute.prefix === '' ? '' : `${attribute.prefix}:`;
    out.push(' ', prefix, attribute.localName, '="', escapeAttribute(attribute.value), '"');
  }
  if (from.children.length === 0) {
    out.push(style.emptyEnd ?? ' />');
    return;
  }
  out.push('>');
  const indent = from.children.some((child) => typeof child === 'string') ? 0 : (style.indent ?? 0);
  for (const child of from.children) {
    if (indent > 0) out.push('\n', ' '.repeat(indent * (level + 1)));
    if (typeof child === 'string') out.push(escapeText(child));
    else writeElement(child, bound, level + 1, style, out);
  }
  if (indent > 0) out.push('\n', ' '.repeat(indent * level));
  out.push('</', name, '>');
}

function bind(
  from: XmlElement,
  outer: ReadonlyMap<string, string>,
): { bound: ReadonlyMap<string, string>; declared: string } {
  const own = new Map<string, string>();
  for (const { prefix, namespace } of from.declarations) own.set(prefix, namespace);
  need(from.prefix, from.namespace, own, outer);
  for (const attribute of from.attributes) {
    if (attribute.prefix !== '') need(attribute.prefix, attribute.namespace, own, outer);
  }
  if (own.size === 0) return { bound: outer, declared: '' };
  let declared = '';
  for (const [prefix, namespace] of own) {
    declared += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`;
  }
  return { bound: new Map([...outer, ...own]), declared };
}

function need(
  prefix: string,
  namespace: string,
  own: Map<string, string>,
  outer: ReadonlyMap<string, string>,
): void {
  if (prefix === 'xml') return;
  const now = own.get(prefix) ?? outer.get(prefix);
  if (now === namespace) return;
  if (own.has(prefix)) {
    throw new PermanentError('internal', `prefix ${prefix} stands for two namespaces on one element`, {
      expected: own.get(prefix) ?? '',
      found: namespace,
    });
  }
  own.set(prefix, namespace);
}

/** Carriage returns would be read back as line feeds, so they are written as references. [XML 1.0] 2.11 */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

/** Tabs and line ends would be read back as spaces. [XML 1.0] 3.3.3 */
export function escapeAttribute(value: string): string {
  return value.replace(/[&<>"\t\r\n]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

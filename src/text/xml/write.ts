import { PermanentError } from '../../core/errors.js';
import type { XmlElement } from './element.js';
import { firstForbidden } from './entities.js';
import { type Markup, serialise } from './serialise.js';

export interface XmlStyle {
  /** `<?xml version="1.0" encoding="utf-8"?>` and a line end before the root. Default false. */
  readonly declaration?: boolean;
  /** Spaces per level, for elements that hold no text. Default 0: no white space is added. */
  readonly indent?: number;
  /** What stands before the end of an empty element: `<X />` (default) or `<X/>`. */
  readonly emptyEnd?: ' />' | '/>';
}

type Bound = ReadonlyMap<string, string>;

/**
 * Deterministic text of a tree. A prefix that is not yet bound to the element's namespace is declared where it is needed,
 * so a tree can be built without declarations; those that the tree has are written first.
 * Throws PermanentError `payload.invalid` for characters that no document may hold.
 */
export function writeXml(root: XmlElement, style: XmlStyle = {}): string {
  const markup = serialise(markupOf(root, NOTHING_BOUND, 0, style.indent ?? 0), style.emptyEnd !== '/>');
  const head = style.declaration === true ? '<?xml version="1.0" encoding="utf-8"?>\n' : '';
  const text = head + markup + ((style.indent ?? 0) > 0 ? '\n' : '');
  const forbidden = firstForbidden(text);
  if (forbidden < 0) return text;
  const code = text.charCodeAt(forbidden).toString(16).padStart(4, '0');
  throw new PermanentError('payload.invalid', `character U+${code} cannot be written to XML`, {
    where: `<${root.localName}>`,
    expected: 'characters of XML 1.0',
    nextStep: 'Remove the character from the text it came with.',
  });
}

const NOTHING_BOUND: Bound = new Map([['', '']]);

function markupOf(from: XmlElement, outer: Bound, level: number, indent: number): Markup {
  const own = declarationsOf(from, outer);
  const bound = own.size === 0 ? outer : new Map([...outer, ...own]);
  return {
    name: qualified(from),
    attributes: [
      ...Array.from(
        own,
        ([prefix, namespace]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace] as const,
      ),
      ...from.attributes.map((attribute) => [qualified(attribute), attribute.value] as const),
    ],
    isEmpty: from.children.length === 0,
    children: childrenOf(from, bound, level, indent),
  };
}

function* childrenOf(
  from: XmlElement,
  bound: Bound,
  level: number,
  indent: number,
): Iterable<Markup | string> {
  const isLaidOut = indent > 0 && from.children.every((child) => typeof child !== 'string');
  for (const child of from.children) {
    if (isLaidOut) yield `\n${' '.repeat(indent * (level + 1))}`;
    yield typeof child === 'string' ? child : markupOf(child, bound, level + 1, indent);
  }
  if (isLaidOut) yield `\n${' '.repeat(indent * level)}`;
}

function qualified({ prefix, localName }: { readonly prefix: string; readonly localName: string }): string {
  return prefix === '' ? localName : `${prefix}:${localName}`;
}

function declarationsOf(from: XmlElement, outer: Bound): Bound {
  const own = new Map<string, string>();
  for (const { prefix, namespace } of from.declarations) own.set(prefix, namespace);
  need(from.prefix, from.namespace, own, outer);
  for (const attribute of from.attributes) {
    if (attribute.prefix !== '') need(attribute.prefix, attribute.namespace, own, outer);
  }
  return own;
}

function need(prefix: string, namespace: string, own: Map<string, string>, outer: Bound): void {
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

import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5';
import { PermanentError } from '../core/errors.js';
import { element, type XmlElement, type XmlNode } from './xml/index.js';

const MAX_CHARACTERS = 4_000_000;
/** Browsers stop here too. */
const DEEPEST = 512;
const MOST_ELEMENTS = 300_000;
const PLAIN = { namespace: '', prefix: '' };
/** What HTML puts around rows and pages that are written without it. */
const IMPLIED = new Set(['tbody', 'colgroup']);

/** A web page as a browser reads it, and as it was written: XPaths are made for either. */
export interface HtmlPage {
  readonly asRead: XmlElement;
  /** Without the `tbody` that nobody wrote. */
  asWritten(): XmlElement;
}

/** Never runs or fetches anything. PermanentError `payload.invalid` for pages that only make work. */
export function parseHtml(page: string): HtmlPage {
  if (page.length > MAX_CHARACTERS) throw tooMuch(`${MAX_CHARACTERS} characters`);
  refuseManyAttributes(page);
  const document = parse(page, { treeAdapter: boundedAdapter(), sourceCodeLocationInfo: true });
  const root = document.childNodes.find(
    (node) => node.nodeName === 'html',
  ) as DefaultTreeAdapterTypes.Element;
  return { asRead: elementOf(root, () => false), asWritten: () => elementOf(root, isImplied) };
}

/** The parser compares each attribute of a tag with all before it. */
function refuseManyAttributes(page: string): void {
  for (let at = page.indexOf('<'); at >= 0; at = page.indexOf('<', at + 1)) {
    const tag = page.slice(at, at + 2);
    if (!/^<[a-z]/i.test(tag)) continue;
    ATTRIBUTE.lastIndex = at + 1;
    for (let count = 0; ATTRIBUTE.test(page); count += 1)
      if (count === MOST_ATTRIBUTES) throw tooMuch(`${MOST_ATTRIBUTES} attributes of an element`);
  }
}

const MOST_ATTRIBUTES = 1000;
/** HTML 13.2.5.32: quotes and a leading `=` belong to a name. */
const ATTRIBUTE = /[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"'][^\s>]*)?)?/y;

/** Stops where nesting or unclosed elements make more of a page than it is. */
function boundedAdapter(): typeof defaultTreeAdapter {
  let depth = 0;
  let elements = 0;
  return {
    ...defaultTreeAdapter,
    createElement(...given) {
      elements += 1;
      if (elements > MOST_ELEMENTS) throw tooMuch(`${MOST_ELEMENTS} elements`);
      return defaultTreeAdapter.createElement(...given);
    },
    onItemPush() {
      depth += 1;
      if (depth > DEEPEST) throw tooMuch(`elements nested ${DEEPEST} deep`);
    },
    onItemPop() {
      depth -= 1;
    },
  };
}

function isImplied(node: DefaultTreeAdapterTypes.Element): boolean {
  return IMPLIED.has(node.tagName) && !node.sourceCodeLocation?.startTag;
}

function elementOf(
  node: DefaultTreeAdapterTypes.Element,
  isLeftOut: (node: DefaultTreeAdapterTypes.Element) => boolean,
): XmlElement {
  const attributes = node.attrs.map(({ name, value, prefix = '' }) => ({
    namespace: '',
    prefix,
    localName: name,
    value,
  }));
  return element(PLAIN, node.tagName, attributes, joined(childrenOf(node, isLeftOut)));
}

function childrenOf(
  node: DefaultTreeAdapterTypes.ParentNode,
  isLeftOut: (node: DefaultTreeAdapterTypes.Element) => boolean,
): readonly XmlNode[] {
  const { childNodes } = 'content' in node ? (node as DefaultTreeAdapterTypes.Template).content : node;
  return childNodes.flatMap((child): readonly XmlNode[] => {
    if (child.nodeName === '#text') return [(child as DefaultTreeAdapterTypes.TextNode).value];
    if (!('attrs' in child)) return [];
    return isLeftOut(child) ? childrenOf(child, isLeftOut) : [elementOf(child, isLeftOut)];
  });
}

/** A text never follows another text. */
function joined(nodes: readonly XmlNode[]): readonly XmlNode[] {
  const found: XmlNode[] = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (typeof node === 'string' && typeof last === 'string') found[found.length - 1] = last + node;
    else found.push(node);
  }
  return found;
}

function tooMuch(limit: string): PermanentError {
  return new PermanentError('payload.invalid', 'the page is too much to read', {
    expected: `at most ${limit}`,
    nextStep: "look whether the vendor's address now serves something else",
  });
}

import type { XmlElement } from '../xml/index.js';

/** A place in a document. The same place is always the same object, so that no result holds it twice. */
export interface PathNode {
  readonly kind: 'document' | 'element' | 'attribute' | 'text';
  readonly prefix: string;
  readonly name: string;
  readonly parent: PathNode | null;
  /** In document order; of attributes and texts: none. */
  readonly children: () => readonly PathNode[];
  readonly attributes: () => readonly PathNode[];
  /** [XPath 1.0] 5: of an element, all text in it. */
  readonly text: () => string;
}

const NONE = (): readonly PathNode[] => [];

export function documentOf(root: XmlElement): PathNode {
  const node: PathNode = {
    kind: 'document',
    prefix: '',
    name: '',
    parent: null,
    children: once(() => [elementNode(root, node)]),
    attributes: NONE,
    text: () => textIn(root),
  };
  return node;
}

function elementNode(element: XmlElement, parent: PathNode): PathNode {
  const node: PathNode = {
    kind: 'element',
    prefix: element.prefix,
    name: element.localName,
    parent,
    children: once(() =>
      element.children.map((child) =>
        typeof child === 'string' ? leaf('text', '', '', child, node) : elementNode(child, node),
      ),
    ),
    attributes: once(() =>
      element.attributes.map(({ prefix, localName, value }) =>
        leaf('attribute', prefix, localName, value, node),
      ),
    ),
    text: () => textIn(element),
  };
  return node;
}

function leaf(
  kind: 'attribute' | 'text',
  prefix: string,
  name: string,
  text: string,
  parent: PathNode,
): PathNode {
  return { kind, prefix, name, parent, children: NONE, attributes: NONE, text: () => text };
}

function once(make: () => readonly PathNode[]): () => readonly PathNode[] {
  let made: readonly PathNode[] | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** The reader bounds the depth of a document, so that this ends. */
function textIn(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');
}

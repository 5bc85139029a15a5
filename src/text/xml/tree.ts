import { XMLParser } from 'fast-xml-parser';
import { type PermanentError, printable } from '../../core/errors.js';
import { refuse } from './decode.js';
import type { XmlAttribute, XmlDeclaration, XmlElement, XmlNode } from './element.js';
import { replaceReferences } from './entities.js';
import { positionOf } from './position.js';
import { type Census, checkWellFormed, type MarkupLimits } from './well-formed.js';

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/** A node as fast-xml-parser gives it under the options below. */
interface Parsed {
  readonly '#text'?: string;
  readonly '#cdata'?: readonly { readonly '#text': string }[];
  readonly ':@'?: Readonly<Record<`@${string}`, string>>;
  readonly [element: `<${string}`]: readonly Parsed[];
}

type Bindings = ReadonlyMap<string, string>;

/**
 * The elements at the top level of `text` from `offset` on, line ends being line feeds: fast-xml-parser makes the tree,
 * the check before it refuses what that lets pass, and where the two do not see the same the text is refused.
 */
export function readContent(text: string, offset: number, limits: MarkupLimits): readonly XmlElement[] {
  const census = checkWellFormed(text, offset, limits);
  return new Tree(text, limits.where, census).read(parse(text.slice(offset), limits));
}

function parse(text: string, { where, maxDepth }: MarkupLimits): readonly Parsed[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    processEntities: false,
    maxNestedTags: maxDepth,
    jPath: false,
    cdataPropName: '#cdata',
    attributeNamePrefix: '@',
    // Unmarked, names such as `constructor` are refused as dangerous keys. Called twice for an empty element.
    transformTagName: (name) => (name.startsWith('<') ? name : `<${name}`),
  });
  try {
    return parser.parse(text);
  } catch (cause) {
    throw refuse(where, `fast-xml-parser: ${printable(String(cause), 200)}`);
  }
}

class Tree {
  readonly #text: string;
  readonly #where: string;
  readonly #census: Census;
  #elements = 0;
  #characters = 0;

  constructor(text: string, where: string, census: Census) {
    this.#text = text;
    this.#where = where;
    this.#census = census;
  }

  read(nodes: readonly Parsed[]): readonly XmlElement[] {
    const roots = this.#children(nodes, new Map([['xml', XML_NAMESPACE]]), 0);
    const { starts, characters } = this.#census;
    if (this.#elements !== starts.length || this.#characters !== characters)
      throw refuse(this.#where, 'its tree is not what stands in it');
    return roots.filter((root) => typeof root !== 'string');
  }

  #fault(start: number, what: string, expected?: string): PermanentError {
    return refuse(positionOf(this.#where, this.#text, start), printable(what, 200), expected);
  }

  #children(nodes: readonly Parsed[], bindings: Bindings, start: number): XmlNode[] {
    const children: XmlNode[] = [];
    let text = '';
    for (const node of nodes) {
      const raw = node['#text'] ?? node['#cdata']?.map((section) => section['#text']).join('');
      if (raw === undefined) {
        if (text !== '') children.push(text);
        text = '';
        children.push(this.#element(node, bindings));
      } else {
        this.#characters += raw.length;
        text += node['#text'] === undefined ? raw : this.#decoded(raw, start);
      }
    }
    if (text !== '') children.push(text);
    return children;
  }

  #decoded(raw: string, start: number): string {
    return replaceReferences(raw, (_offset, reference) => {
      throw this.#fault(start, `entity ${reference}`, 'amp, lt, gt, quot, apos or a character reference');
    });
  }

  #element(node: Parsed, outer: Bindings): XmlElement {
    const [key, start] = this.#identify(node);
    const declarations: XmlDeclaration[] = [];
    const plain: (readonly [name: string, value: string])[] = [];
    for (const [name, value] of this.#attributesOf(node, start)) {
      if (name === 'xmlns') declarations.push({ prefix: '', namespace: value });
      else if (name.startsWith('xmlns:')) declarations.push({ prefix: name.slice(6), namespace: value });
      else plain.push([name, value]);
    }
    const bindings = declarations.length === 0 ? outer : this.#bind(outer, declarations, start);
    const attributes = plain.map(([name, value]): XmlAttribute => {
      const { namespace, prefix, localName } = this.#resolve(name, '', bindings, start);
      return { namespace, prefix, localName, value };
    });
    this.#refuseEqualNames(attributes, start);
    const { namespace, prefix, localName } = this.#resolve(
      key.slice(1),
      bindings.get('') ?? '',
      bindings,
      start,
    );
    const children = this.#children(node[key] ?? [], bindings, start);
    return { namespace, prefix, localName, attributes, declarations, children };
  }

  /** The next element of the census must be this one. */
  #identify(node: Parsed): [key: `<${string}`, start: number] {
    const key = Object.keys(node).find((name) => name.startsWith('<')) as `<${string}` | undefined;
    const start = this.#census.starts[this.#elements] ?? this.#text.length;
    if (key === undefined || !this.#text.startsWith(key, start)) throw this.#fault(start, 'not in its tree');
    if (!/[ \t\n/>]/.test(this.#text.charAt(start + key.length)))
      throw this.#fault(start, 'under another name in its tree');
    return [key, start];
  }

  #attributesOf(node: Parsed, start: number): (readonly [name: string, value: string])[] {
    const raw = Object.entries(node[':@'] ?? {});
    if (raw.length !== this.#census.attributes[this.#elements])
      throw this.#fault(start, 'an attribute twice');
    this.#elements += 1;
    // [XML 1.0] 3.3.3: literal white space becomes spaces, character references stay.
    return raw.map(([key, value]) => [key.slice(1), this.#decoded(value.replace(/[\t\n]/g, ' '), start)]);
  }

  /** [Namespaces 1.0] 3 and 5: a prefix may not be unbound, and `xml` and `xmlns` are not for sale. */
  #bind(outer: Bindings, declarations: readonly XmlDeclaration[], start: number): Bindings {
    const bindings = new Map(outer);
    for (const { prefix, namespace } of declarations) {
      const reserved =
        prefix === 'xmlns' ||
        namespace === XMLNS_NAMESPACE ||
        (prefix === 'xml') !== (namespace === XML_NAMESPACE);
      if (reserved) throw this.#fault(start, `declaration of reserved prefix or namespace ${prefix}`);
      if (namespace === '' && prefix !== '') throw this.#fault(start, `prefix ${prefix} bound to nothing`);
      bindings.set(prefix, namespace);
    }
    return bindings;
  }

  #resolve(name: string, unprefixed: string, bindings: Bindings, start: number): Omit<XmlAttribute, 'value'> {
    const colon = name.indexOf(':');
    if (colon < 0) return { namespace: unprefixed, prefix: '', localName: name };
    const prefix = name.slice(0, colon);
    const namespace = bindings.get(prefix);
    if (namespace === undefined) throw this.#fault(start, `prefix ${prefix} is not declared`);
    return { namespace, prefix, localName: name.slice(colon + 1) };
  }

  #refuseEqualNames(attributes: readonly XmlAttribute[], start: number): void {
    const qualified = attributes.filter((attribute) => attribute.namespace !== '');
    const names = new Set(qualified.map((attribute) => `${attribute.namespace} ${attribute.localName}`));
    if (names.size !== qualified.length) throw this.#fault(start, 'attribute twice under two prefixes');
  }
}

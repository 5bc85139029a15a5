import { type PermanentError, printable } from '../../core/errors.js';
import { refuse } from './decode.js';
import type { XmlAttribute, XmlDeclaration, XmlElement, XmlNode } from './element.js';
import { replaceReferences } from './entities.js';
import { positionOf } from './position.js';

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
const NAME = String.raw`[\p{L}_][\p{L}\p{M}\p{Nd}_.\-\u00b7]*`;
const QUALIFIED = `(?:${NAME}:)?${NAME}`;
const START_NAME = new RegExp(`<(${QUALIFIED})`, 'uy');
const ATTRIBUTE = new RegExp(
  String.raw`([ \t\r\n]+)(${QUALIFIED})[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')`,
  'uy',
);
const START_END = /[ \t\r\n]*(\/?)>/y;
const END_TAG = new RegExp(String.raw`</(${QUALIFIED})[ \t\r\n]*>`, 'uy');

export interface ScanOptions {
  readonly where: string;
  readonly offset: number;
  readonly maxDepth: number;
  readonly maxAttributes: number;
}

interface Bindings {
  readonly prefixes: ReadonlyMap<string, string>;
}

/** An element whose end tag has not come yet. */
interface Open {
  readonly name: string;
  readonly head: Omit<XmlElement, 'children'>;
  readonly children: XmlNode[];
  readonly bindings: Bindings;
  text: string;
}

const ROOT_BINDINGS: Bindings = { prefixes: new Map([['xml', XML_NAMESPACE]]) };

/** One pass, no recursion: the elements at the top level of `text` from `options.offset` on. */
export function readContent(text: string, options: ScanOptions): readonly XmlElement[] {
  return new Scanner(text, options).read();
}

class Scanner {
  readonly #text: string;
  readonly #options: ScanOptions;
  readonly #roots: XmlElement[] = [];
  readonly #open: Open[] = [];
  #at: number;

  constructor(text: string, options: ScanOptions) {
    this.#text = text;
    this.#options = options;
    this.#at = options.offset;
  }

  read(): readonly XmlElement[] {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at);
      const end = next < 0 ? this.#text.length : next;
      if (end > this.#at) this.#characters(end);
      if (next >= 0) this.#markup();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw this.#fault(this.#at, `<${unclosed.name}> is not closed`);
    return this.#roots;
  }

  #fault(offset: number, what: string, expected?: string): PermanentError {
    return refuse(positionOf(this.#options.where, this.#text, offset), printable(what, 200), expected);
  }

  #characters(end: number): void {
    const start = this.#at;
    const raw = this.#text.slice(start, end);
    const stray = raw.indexOf(']]>');
    if (stray >= 0) throw this.#fault(start + stray, '"]]>" in text');
    const open = this.#open.at(-1);
    if (open === undefined) {
      if (/[^ \t\r\n]/.test(raw)) throw this.#fault(start, 'text outside of the root element');
    } else {
      open.text += this.#decoded(raw.replace(/\r\n?/g, '\n'), start);
    }
    this.#at = end;
  }

  #decoded(raw: string, start: number): string {
    return replaceReferences(raw, (offset, reference) => {
      throw this.#fault(
        start + offset,
        `entity ${reference}`,
        'amp, lt, gt, quot, apos or a character reference',
      );
    });
  }

  #markup(): void {
    const text = this.#text;
    const at = this.#at;
    if (text.startsWith('</', at)) this.#endTag();
    else if (text.startsWith('<!--', at)) this.#comment();
    else if (text.startsWith('<![CDATA[', at)) this.#cdata();
    else if (text.startsWith('<!', at))
      throw this.#fault(at, 'DOCTYPE or another declaration', 'no document type');
    else if (text.startsWith('<?', at))
      throw this.#fault(at, 'processing instruction', 'none but the XML declaration');
    else this.#startTag();
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end < 0 || this.#text.charAt(end + 2) !== '>') throw this.#fault(this.#at, 'malformed comment');
    this.#at = end + 3;
  }

  #cdata(): void {
    const open = this.#open.at(-1);
    const end = this.#text.indexOf(']]>', this.#at + 9);
    if (open === undefined || end < 0) throw this.#fault(this.#at, 'malformed CDATA section');
    open.text += this.#text.slice(this.#at + 9, end).replace(/\r\n?/g, '\n');
    this.#at = end + 3;
  }

  #endTag(): void {
    END_TAG.lastIndex = this.#at;
    const match = END_TAG.exec(this.#text);
    const open = this.#open.pop();
    if (match === null) throw this.#fault(this.#at, 'malformed end tag');
    if (open === undefined) throw this.#fault(this.#at, `</${match[1]}> without a start tag`);
    if (match[1] !== open.name) throw this.#fault(this.#at, `</${match[1]}>`, `</${open.name}>`);
    this.#at = END_TAG.lastIndex;
    this.#close(open);
  }

  #startTag(): void {
    const start = this.#at;
    START_NAME.lastIndex = start;
    const name = START_NAME.exec(this.#text)?.[1];
    if (name === undefined) throw this.#fault(start, 'malformed start tag');
    if (this.#open.length >= this.#options.maxDepth) {
      throw this.#fault(start, 'elements nested too deep', `at most ${this.#options.maxDepth} levels`);
    }
    this.#at = START_NAME.lastIndex;
    const raw = this.#rawAttributes();
    START_END.lastIndex = this.#at;
    const end = START_END.exec(this.#text);
    if (end === null) throw this.#fault(this.#at, `malformed attributes of <${name}>`);
    this.#at = START_END.lastIndex;
    const open = this.#resolve(name, raw, start);
    const parent = this.#open.at(-1);
    if (parent !== undefined) flushText(parent);
    if (end[1] === '/') this.#close(open);
    else this.#open.push(open);
  }

  #rawAttributes(): Map<string, string> {
    const raw = new Map<string, string>();
    for (;;) {
      ATTRIBUTE.lastIndex = this.#at;
      const match = ATTRIBUTE.exec(this.#text);
      const name = match?.[2];
      if (match === null || name === undefined) return raw;
      if (raw.has(name)) throw this.#fault(this.#at, `attribute ${name} twice`);
      if (raw.size >= this.#options.maxAttributes) {
        throw this.#fault(this.#at, 'too many attributes', `at most ${this.#options.maxAttributes}`);
      }
      // [XML 1.0] 3.3.3: literal white space becomes spaces, character references stay.
      const value = (match[3] ?? match[4] ?? '').replace(/\r\n|[\t\r\n]/g, ' ');
      raw.set(name, this.#decoded(value, this.#at));
      this.#at = ATTRIBUTE.lastIndex;
    }
  }

  #resolve(name: string, raw: ReadonlyMap<string, string>, start: number): Open {
    const outer = this.#open.at(-1)?.bindings ?? ROOT_BINDINGS;
    const declarations: XmlDeclaration[] = [];
    for (const [key, value] of raw) {
      if (key === 'xmlns') declarations.push({ prefix: '', namespace: value });
      else if (key.startsWith('xmlns:')) declarations.push({ prefix: key.slice(6), namespace: value });
    }
    const bindings = declarations.length === 0 ? outer : this.#bind(outer, declarations, start);
    const [prefix, localName] = splitName(name);
    const attributes: XmlAttribute[] = [];
    for (const [key, value] of raw) {
      if (key === 'xmlns' || key.startsWith('xmlns:')) continue;
      const [attributePrefix, attributeName] = splitName(key);
      const namespace = attributePrefix === '' ? '' : this.#lookUp(bindings, attributePrefix, start);
      attributes.push({ namespace, prefix: attributePrefix, localName: attributeName, value });
    }
    this.#refuseEqualNames(attributes, start);
    const namespace =
      prefix === '' ? (bindings.prefixes.get('') ?? '') : this.#lookUp(bindings, prefix, start);
    const head = { namespace, prefix, localName, attributes, declarations };
    return { name, head, children: [], bindings, text: '' };
  }

  /** [Namespaces 1.0] 3 and 5: a prefix may not be unbound, and `xml` and `xmlns` are not for sale. */
  #bind(outer: Bindings, declarations: readonly XmlDeclaration[], start: number): Bindings {
    const prefixes = new Map(outer.prefixes);
    for (const { prefix, namespace } of declarations) {
      const reserved =
        prefix === 'xmlns' ||
        namespace === XMLNS_NAMESPACE ||
        (prefix === 'xml') !== (namespace === XML_NAMESPACE);
      if (reserved) throw this.#fault(start, `declaration of reserved prefix or namespace ${prefix}`);
      if (namespace === '' && prefix !== '') throw this.#fault(start, `prefix ${prefix} bound to nothing`);
      prefixes.set(prefix, namespace);
    }
    return { prefixes };
  }

  #lookUp(bindings: Bindings, prefix: string, start: number): string {
    const namespace = bindings.prefixes.get(prefix);
    if (namespace === undefined) throw this.#fault(start, `prefix ${prefix} is not declared`);
    return namespace;
  }

  #refuseEqualNames(attributes: readonly XmlAttribute[], start: number): void {
    const qualified = attributes.filter((attribute) => attribute.namespace !== '');
    const names = new Set(qualified.map((attribute) => `${attribute.namespace} ${attribute.localName}`));
    if (names.size !== qualified.length) throw this.#fault(start, 'attribute twice under two prefixes');
  }

  #close(open: Open): void {
    flushText(open);
    const finished: XmlElement = { ...open.head, children: open.children };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#roots.push(finished);
    else parent.children.push(finished);
  }
}

function flushText(open: Open): void {
  if (open.text === '') return;
  open.children.push(open.text);
  open.text = '';
}

function splitName(name: string): [prefix: string, localName: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** An XML element as data: what the reader returns and the writer takes. Comments are not kept. */
export interface XmlElement {
  /** Namespace name; the empty text means "in no namespace". */
  readonly namespace: string;
  readonly localName: string;
  readonly prefix: string;
  /** In document order, without the namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** `xmlns` and `xmlns:x` attributes of this element, in document order. */
  readonly declarations: readonly XmlDeclaration[];
  /** Elements and text in document order; a text is never empty and never follows another text. */
  readonly children: readonly XmlNode[];
}

export interface XmlAttribute {
  readonly namespace: string;
  readonly localName: string;
  readonly prefix: string;
  readonly value: string;
}

export interface XmlDeclaration {
  readonly prefix: string;
  readonly namespace: string;
}

export type XmlNode = XmlElement | string;

export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** A name in a namespace with the prefix it is written with. */
export interface XmlName {
  readonly namespace: string;
  readonly prefix: string;
}

/** Builds an element; attributes whose value is null are left out, text children that are empty too. */
export function element(
  name: XmlName,
  localName: string,
  attributes: Readonly<Record<string, string | null>> | readonly XmlAttribute[] = {},
  children: readonly XmlNode[] = [],
): XmlElement {
  return {
    namespace: name.namespace,
    prefix: name.prefix,
    localName,
    attributes: isList(attributes) ? attributes : plainAttributes(attributes),
    declarations: [],
    children: children.filter((child) => child !== ''),
  };
}

function isList(
  attributes: Readonly<Record<string, string | null>> | readonly XmlAttribute[],
): attributes is readonly XmlAttribute[] {
  return Array.isArray(attributes);
}

export function plainAttributes(values: Readonly<Record<string, string | null>>): XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  for (const [localName, value] of Object.entries(values)) {
    if (value !== null) attributes.push({ namespace: '', prefix: '', localName, value });
  }
  return attributes;
}

/** The value of an attribute in no namespace, or null. */
export function attributeOf(from: XmlElement, localName: string): string | null {
  for (const attribute of from.attributes) {
    if (attribute.localName === localName && attribute.namespace === '') return attribute.value;
  }
  return null;
}

export function childElements(from: XmlElement, localName?: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of from.children) {
    if (typeof child === 'string') continue;
    if (localName === undefined || child.localName === localName) found.push(child);
  }
  return found;
}

/** The first child element of that local name, or null. */
export function childOf(from: XmlElement, localName: string): XmlElement | null {
  return childElements(from, localName)[0] ?? null;
}

/** The text directly inside an element, its element children left out. */
export function textOf(from: XmlElement): string {
  return from.children.filter((child) => typeof child === 'string').join('');
}

/** The same element without text that is only white space, at every depth. */
export function withoutLayout(from: XmlElement): XmlElement {
  const children: XmlNode[] = [];
  for (const child of from.children) {
    if (typeof child !== 'string') children.push(withoutLayout(child));
    else if (/[^ \t\r\n]/.test(child)) children.push(child);
  }
  return { ...from, children };
}

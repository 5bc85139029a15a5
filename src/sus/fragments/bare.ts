import {
  plainAttributes,
  type XmlAttribute,
  type XmlElement,
  XSI,
  withoutLayout,
  writeXml,
} from '../../text/xml/index.js';

/** How an element is called in a fragment. */
export type Rename = (from: XmlElement) => string;

/** [MS-WUSP] 3.1.1.1: namespaces are dropped at last, and with them the prefixes; `xsi:type` stays as `type`. */
export function bare(from: XmlElement, rename: Rename = ({ localName }) => localName): XmlElement {
  const children = from.children.map((child) => (typeof child === 'string' ? child : bare(child, rename)));
  return {
    namespace: '',
    prefix: '',
    localName: rename(from),
    attributes: from.attributes.filter(isKept).map(bareAttribute),
    declarations: [],
    children,
  };
}

function isKept(attribute: XmlAttribute): boolean {
  return attribute.namespace === '' || attribute.namespace === XSI;
}

function bareAttribute({ localName, value }: XmlAttribute): XmlAttribute {
  return { namespace: '', prefix: '', localName, value };
}

/** Attributes that say what is so without them are left out of both fragments (seen in recordings). */
const DEFAULTS: Readonly<Record<string, string>> = {
  ExplicitlyDeployable: 'false',
  PerUser: 'false',
  IsPublic: 'true',
};

export function isDefault({ localName, value }: XmlAttribute): boolean {
  return Object.hasOwn(DEFAULTS, localName) && DEFAULTS[localName] === value;
}

/** Several elements one after the other, no layout, empty ones as `<X />`: a fragment is no document. */
export function fragmentText(roots: readonly XmlElement[]): string {
  return roots.map((root) => writeXml(withoutLayout(root))).join('');
}

/** An element without a namespace and with one of its own for what is inside, said after its attributes. */
export function withDefaultNamespace(from: XmlElement, namespace: string): XmlElement {
  return { ...from, attributes: [...from.attributes, ...plainAttributes({ xmlns: namespace })] };
}

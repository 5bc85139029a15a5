import {
  attributeOf,
  childElements,
  childOf,
  textOf,
  type XmlElement,
  type XmlNode,
} from '../../text/xml/index.js';

export interface SplitPackage {
  /** The package without its items, or the package itself where it has at most one. */
  readonly parent: XmlElement;
  /** One package per item, whose PackageID is the item's; none where there is at most one item. */
  readonly children: readonly XmlElement[];
  /** What the parent bundles: its items, or the packages that it names. */
  readonly bundledIds: readonly string[];
  /** The languages of its items, in their order. */
  readonly languages: readonly string[];
}

/**
 * A package of several items is a bundle of one update per item (wsus-publishing 2.3). No public page gives the child's
 * id: here it is the item's. The package's own rules stay with the parent and are and-ed into each child.
 */
export function splitPackage(pkg: XmlElement): SplitPackage {
  const items = childElements(pkg, 'InstallableItem');
  if (items.length < 2) return { parent: pkg, children: [], bundledIds: bundledPackages(pkg), languages: [] };
  return {
    parent: without(pkg, items),
    children: items.map((item) => childPackage(pkg, items, item)),
    bundledIds: items.map(idOf),
    languages: items.flatMap((item) => childElements(item, 'Language').map(textOf)),
  };
}

function bundledPackages(pkg: XmlElement): readonly string[] {
  const list = childOf(pkg, 'BundledPackages');
  return list === null ? [] : childElements(list, 'PackageID').map(textOf);
}

function idOf(item: XmlElement): string {
  return attributeOf(item, 'ID') ?? '';
}

function childPackage(pkg: XmlElement, items: readonly XmlElement[], item: XmlElement): XmlElement {
  const alone = without(
    pkg,
    items.filter((other) => other !== item),
  );
  const renamed = (child: XmlNode): XmlNode =>
    typeof child !== 'string' && child.localName === 'Properties' ? withPackageId(child, idOf(item)) : child;
  return { ...alone, children: alone.children.map(renamed) };
}

function withPackageId(properties: XmlElement, value: string): XmlElement {
  const attributes = properties.attributes.map((one) =>
    one.localName === 'PackageID' ? { ...one, value } : one,
  );
  return { ...properties, attributes };
}

function without(pkg: XmlElement, left: readonly XmlElement[]): XmlElement {
  return {
    ...pkg,
    children: pkg.children.filter((child) => typeof child === 'string' || !left.includes(child)),
  };
}

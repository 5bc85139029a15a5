import { childElements, childOf, element, type XmlElement } from '../../text/xml/index.js';
import { LAR, SDP } from '../namespaces.js';

const ORDER = ['IsInstalled', 'IsSuperseded', 'IsInstallable', 'Metadata'];

/**
 * Moves the package's rules into its one item: IsInstalled and IsInstallable are and-ed, package first
 * (SoftwareDistributionPackage.xsd, InstallableItem/ApplicabilityRules; `mergeRules` does the same to rules that are read).
 * A package without an item keeps its rules. The rules themselves are copied as they stand, with what no model knows.
 */
export function mergePackageRules(pkg: XmlElement): XmlElement {
  const items = childElements(pkg, 'InstallableItem');
  if (items.length === 0) return pkg;
  const outer = (name: string) => ruleIn(childOf(pkg, name));
  const isOuter = (child: XmlElement | string) =>
    typeof child !== 'string' && (child.localName === 'IsInstalled' || child.localName === 'IsInstallable');
  const children = pkg.children.filter((child) => !isOuter(child));
  return {
    ...pkg,
    children: children.map((child) =>
      typeof child !== 'string' && child.localName === 'InstallableItem' ? mergedItem(child, outer) : child,
    ),
  };
}

function mergedItem(item: XmlElement, outer: (name: string) => XmlElement | null): XmlElement {
  const rules = childOf(item, 'ApplicabilityRules');
  const groups = ORDER.flatMap((name) => {
    const own = rules === null ? null : childOf(rules, name);
    const above = name === 'IsSuperseded' || name === 'Metadata' ? null : outer(name);
    if (above === null) return own === null ? [] : [own];
    const inner = ruleIn(own);
    const both = inner === null ? above : element(LAR, 'And', {}, [above, inner]);
    return [element(SDP, name, {}, [both])];
  });
  if (groups.length === 0 && rules === null) return item;
  const merged = element(SDP, 'ApplicabilityRules', {}, groups);
  return { ...item, children: [merged, ...item.children.filter((child) => child !== rules)] };
}

function ruleIn(container: XmlElement | null): XmlElement | null {
  return container === null ? null : (childElements(container)[0] ?? null);
}

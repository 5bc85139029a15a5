import { childOf, type XmlElement, type XmlNode } from '../../text/xml/index.js';
import { CORE_PREFIX, MSPBLOB } from '../namespaces.js';
import { bare, fragmentText, isDefault, withDefaultNamespace } from './bare.js';

/** In this order, whatever the document's. */
const KEPT = ['UpdateType', 'ExplicitlyDeployable', 'AutoSelectOnWebSites', 'OSUpgrade', 'EulaID'];

/**
 * What a client needs to judge an update ([MS-WUSP] 3.1.1.1): identity, relationships and rules. Rules carry a letter for
 * the namespace that they lose: `b.`, `m.`, `d.`. Without the children of Properties, as real servers have it.
 */
export function coreFragment(update: XmlElement): string {
  const parts = ['UpdateIdentity', 'Properties', 'Relationships', 'ApplicabilityRules'];
  const roots = parts.flatMap((name) => {
    const part = childOf(update, name);
    if (part === null) return [];
    return [name === 'Properties' ? keptProperties(part) : withPatches(bare(part, ruleName), part)];
  });
  return fragmentText(roots);
}

function keptProperties(from: XmlElement): XmlElement {
  const attributes = bare({ ...from, children: [] }).attributes.filter((attribute) => !isDefault(attribute));
  const kept = KEPT.flatMap((name) => attributes.filter(({ localName }) => localName === name));
  return { ...bare({ ...from, children: [] }), attributes: kept };
}

function ruleName(from: XmlElement): string {
  return `${CORE_PREFIX.get(from.namespace) ?? ''}${from.localName}`;
}

/** A patch's own metadata is the one thing that keeps its namespace. */
function withPatches(bared: XmlElement, from: XmlElement): XmlElement {
  const isPatch = from.localName === 'MsiPatch' && from.namespace === MSPBLOB.namespace;
  const children = bared.children.map((child, index): XmlNode => {
    const source = from.children[index];
    return typeof child === 'string' || source === undefined || typeof source === 'string'
      ? child
      : withPatches(child, source);
  });
  const inner = { ...bared, children };
  return isPatch ? withDefaultNamespace(inner, MSPBLOB.namespace) : inner;
}

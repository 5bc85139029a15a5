import type { Rule } from '../../core/applicability.js';
import { element, type XmlElement } from '../../text/xml/index.js';
import { SDP } from '../namespaces.js';
import { ruleElement } from '../rules/index.js';

/** An element of the package's own namespace; attributes that are null are left out. */
export function sdp(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  children: readonly (XmlElement | string)[] = [],
): XmlElement {
  return element(SDP, name, attributes, children);
}

export function text(name: string, content: string): XmlElement {
  return sdp(name, {}, [content]);
}

export function ruleIn(name: string, rule: Rule | null): readonly XmlElement[] {
  return rule === null ? [] : [sdp(name, {}, [ruleElement(rule)])];
}

export function maybe(name: string, content: string | null): readonly XmlElement[] {
  return content === null ? [] : [text(name, content)];
}

/** A list that may not be empty is left out instead. */
export function list(name: string, children: readonly XmlElement[]): readonly XmlElement[] {
  return children.length === 0 ? [] : [sdp(name, {}, children)];
}

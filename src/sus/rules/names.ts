import { childElements, textOf, type XmlElement } from '../../text/xml/index.js';

export function bareName(from: XmlElement): string {
  return from.localName.replace(/^[bmd]\./, '');
}

export function named(from: XmlElement, name: string): XmlElement | null {
  return childElements(from).find((child) => bareName(child) === name) ?? null;
}

export function textIn(from: XmlElement, name: string): string | null {
  const child = named(from, name);
  return child === null ? null : textOf(child).trim();
}

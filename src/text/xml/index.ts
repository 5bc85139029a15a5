export {
  XSI,
  attributeOf,
  childElements,
  childOf,
  element,
  plainAttributes,
  textOf,
  withoutLayout,
} from './element.js';
export type { XmlAttribute, XmlDeclaration, XmlElement, XmlName, XmlNode } from './element.js';
export { parseXml, parseXmlFragment } from './read.js';
export type { XmlLimits } from './read.js';
export { writeXml } from './write.js';
export type { XmlStyle } from './write.js';

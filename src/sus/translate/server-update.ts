import type { XmlElement, XmlNode } from '../../text/xml/index.js';
import { SERVER_NAMESPACE } from '../namespaces.js';
import { mergePackageRules } from './merge.js';
import type { ServerProperties } from './server-properties.js';
import { translatePackage } from './update.js';

/**
 * The update document that a server keeps and exchanges for a package (the root of its SDP): rules merged, translated, in
 * the namespaces of servers. Where on the way a real server changes the namespaces is not public. Throws as `translatePackage`.
 */
export function serverUpdate(pkg: XmlElement, server: ServerProperties): XmlElement {
  return inServerNamespaces(translatePackage(mergePackageRules(pkg), server));
}

/** Declarations are left to the writer: those of the package would bind the prefixes to what they no longer mean. */
function inServerNamespaces(from: XmlElement): XmlElement {
  const mapped = (child: XmlNode) => (typeof child === 'string' ? child : inServerNamespaces(child));
  return {
    ...from,
    namespace: SERVER_NAMESPACE.get(from.namespace) ?? from.namespace,
    declarations: [],
    children: from.children.map(mapped),
  };
}

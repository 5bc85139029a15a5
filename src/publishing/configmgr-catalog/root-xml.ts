import { BAR, CMD, LAR, MSI, MSIAR, SDP, SMC } from '../../sus/namespaces.js';
import { element, withoutLayout, writeXml, type XmlElement } from '../../text/xml/index.js';

const DECLARED = [SMC, SDP, BAR, LAR, MSIAR, CMD, MSI];

/**
 * The XML at the root of the cabinet, which sites before 1806 read alone (configmgr-catalog 1.3): every package again,
 * its root element in the catalog's namespace, all else as in its own file.
 */
export function writeRootXml(documents: readonly XmlElement[]): string {
  return writeXml(
    {
      ...element(SMC, 'SystemsManagementCatalog', {}, documents.map(inCatalog)),
      declarations: DECLARED,
    },
    { declaration: true },
  );
}

/** What the catalog's root declares is not declared again; the writer declares what is missing where it is needed. */
function inCatalog(document: XmlElement): XmlElement {
  return {
    ...withoutLayout(document),
    ...SMC,
    declarations: document.declarations.filter(
      ({ prefix, namespace }) =>
        !DECLARED.some((known) => known.prefix === prefix && known.namespace === namespace),
    ),
  };
}

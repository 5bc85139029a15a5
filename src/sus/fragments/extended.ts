import { childOf, type XmlElement } from '../../text/xml/index.js';
import { bare, fragmentText, isDefault } from './bare.js';

/** Of Properties, what stands in Core or is the server's own business. */
const DROPPED: ReadonlySet<string> = new Set([
  'UpdateType',
  'ExplicitlyDeployable',
  'AutoSelectOnWebSites',
  'EulaID',
  'PublicationState',
  'PublisherID',
  'CreationDate',
  'IsPublic',
  'LegacyName',
  'DetectoidType',
  'OSUpgrade',
]);

/** What a client needs to download and install an update ([MS-WUSP] 3.1.1.1). */
export function extendedFragment(update: XmlElement): string {
  const roots = ['Properties', 'Files', 'HandlerSpecificData'].flatMap((name) => {
    const part = childOf(update, name);
    if (part === null) return [];
    return [name === 'Properties' ? extendedProperties(bare(part)) : bare(part)];
  });
  return fragmentText(roots);
}

function extendedProperties(from: XmlElement): XmlElement {
  const attributes = from.attributes.filter(
    (attribute) => !DROPPED.has(attribute.localName) && !isDefault(attribute),
  );
  return { ...from, localName: 'ExtendedProperties', attributes };
}

import { attributeOf, childElements, childOf, type XmlElement } from '../../text/xml/index.js';
import { LooseSize } from '../loose.js';
import type { Offer, OfferedPackage } from './offer.js';

/** [Omaha protocol 3.0] in XML. Null where it is none of this protocol. */
export function offersInXml(root: XmlElement): readonly Offer[] | null {
  return root.localName === 'response' ? childElements(root, 'app').map(offerOf) : null;
}

function offerOf(app: XmlElement): Offer {
  const check = childOf(app, 'updatecheck');
  const manifest = check && childOf(check, 'manifest');
  const status = attributeOf(app, 'status') ?? 'ok';
  return {
    appId: attributeOf(app, 'appid') ?? '',
    status: status === 'ok' ? ((check && attributeOf(check, 'status')) ?? 'nothing') : status,
    version: manifest && attributeOf(manifest, 'version'),
    codebases: under(check, 'urls', 'url').flatMap((url) => attributeOf(url, 'codebase') ?? []),
    packages: manifest === null ? [] : packagesIn(manifest),
  };
}

/** Some servers state the SHA-256 of the one package with what is done after it is installed. */
function packagesIn(manifest: XmlElement): readonly OfferedPackage[] {
  const packages = under(manifest, 'packages', 'package');
  const actions = under(manifest, 'actions', 'action');
  const ofTheOne =
    packages.length === 1 ? actions.map((one) => attributeOf(one, 'sha256')).find(Boolean) : undefined;
  return packages.flatMap((one) => {
    const name = attributeOf(one, 'name');
    if (name === null) return [];
    const sha256 = attributeOf(one, 'hash_sha256') ?? ofTheOne ?? null;
    const sizeBytes = LooseSize.parse(attributeOf(one, 'size')) ?? null;
    return [{ name, sha1: attributeOf(one, 'hash'), sha256, sizeBytes }];
  });
}

function under(from: XmlElement | null, list: string, member: string): readonly XmlElement[] {
  const parent = from && childOf(from, list);
  return parent === null ? [] : childElements(parent, member);
}

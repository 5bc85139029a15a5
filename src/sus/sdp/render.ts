import type { SoftwareDistributionPackage } from '../../core/update.js';
import { element, type XmlDeclaration, type XmlElement } from '../../text/xml/index.js';
import { BAR, CMD, LAR, MSI, MSIAR, SDP, SMC } from '../namespaces.js';
import { list, maybe, ruleIn, sdp, text } from './elements.js';
import { itemElement } from './render-item.js';

type Package = SoftwareDistributionPackage;

/** What a package's elements are written with: declared once, on the root of an SDP or of a catalog. */
export const PACKAGE_NAMESPACES: readonly XmlDeclaration[] = [SDP, BAR, LAR, MSIAR, CMD, MSI];

/**
 * The package as a tree; the order is the schema's (SoftwareDistributionPackage.xsd: every type is a sequence). The root
 * of an SDP declares the namespaces; inside a catalog (`smc`) that is left to the catalog's root.
 */
export function renderPackage(pkg: Package, root: 'sdp' | 'smc'): XmlElement {
  const name = root === 'sdp' ? SDP : SMC;
  const content = [
    propertiesElement(pkg),
    ...pkg.localizedProperties.map((texts) =>
      sdp('LocalizedProperties', {}, [
        text('Language', texts.language),
        text('Title', texts.title),
        text('Description', texts.description),
      ]),
    ),
    specificData(pkg),
    ...ruleIn('IsInstallable', pkg.isInstallable),
    ...ruleIn('IsInstalled', pkg.isInstalled),
    ...list('SupersededPackages', pkg.supersededPackages.map(packageId)),
    ...list(
      'Prerequisites',
      pkg.prerequisites.map((group) => sdp('AtLeastOne', {}, group.map(packageId))),
    ),
    ...list('BundledPackages', pkg.bundledPackages.map(packageId)),
    ...pkg.installableItems.map(itemElement),
  ];
  const written = element(name, 'SoftwareDistributionPackage', { SchemaVersion: pkg.schemaVersion }, content);
  return root === 'sdp' ? { ...written, declarations: PACKAGE_NAMESPACES } : written;
}

function propertiesElement({ properties }: Package): XmlElement {
  const flag = (value: boolean | null) => (value === null ? null : String(value));
  const attributes = {
    PackageID: properties.packageId,
    CreationDate: properties.creationDate,
    VendorName: properties.vendorName === '' ? null : properties.vendorName,
    PublicationState: properties.publicationState,
    UpdateType: properties.updateType,
    CanSourceBeRequired: flag(properties.canSourceBeRequired),
    RestrictToClientServicingApi: flag(properties.restrictToClientServicingApi),
  };
  return sdp('Properties', attributes, [
    ...properties.moreInfoUrls.map((url) => text('MoreInfoUrl', url)),
    ...maybe('SupportUrl', properties.supportUrl),
    ...properties.productNames.map((name) => text('ProductName', name)),
  ]);
}

function specificData({ updateSpecificData: data }: Package): XmlElement {
  if (data.classification === 'Applications') return sdp('ApplicationSpecificData');
  const attributes = { UpdateClassification: data.classification, MsrcSeverity: data.msrcSeverity };
  return sdp('UpdateSpecificData', attributes, [
    ...maybe('SecurityBulletinID', data.securityBulletinId),
    ...data.cveIds.map((id) => text('CveID', id)),
    ...maybe('KBArticleID', data.kbArticleId),
  ]);
}

function packageId(id: string): XmlElement {
  return text('PackageID', id);
}

import type { SoftwareDistributionPackage } from '../../core/update.js';
import {
  attributeOf,
  childElements,
  childOf,
  parseXml,
  textOf,
  type XmlElement,
} from '../../text/xml/index.js';
import { CLASSIFICATIONS, SDP, SMC } from '../namespaces.js';
import { TYPES } from '../rules/checks.js';
import { readRuleIn } from '../rules/index.js';
import {
  checkedAttribute,
  choice,
  flag,
  guid,
  malformed,
  optionalText,
  requiredAttribute,
  requiredText,
  type Where,
} from './fields.js';
import { readItem } from './read-item.js';

type Package = SoftwareDistributionPackage;

export const MAX_BYTES = 8 << 20;

/**
 * Reads a vendor's or our own SDP. Tolerant where real catalogs are not what the schema says: a byte-order mark, the
 * `smc:` root, blanks around values, repeated languages, GUIDs in upper case. Throws PermanentError `payload.invalid` for
 * what is no XML, `package.invalid` for what cannot be understood. What it returns may break rules: see `validateSdp`.
 */
export function readSdp(source: Uint8Array | string, where: Where): Package {
  return readPackage(parseXml(source, { where, maxBytes: MAX_BYTES }), where);
}

/** The same of an element that is already read (a package of a catalog's root XML). */
export function readPackage(root: XmlElement, where: Where): Package {
  const isPackage =
    root.localName === 'SoftwareDistributionPackage' &&
    (root.namespace === SDP.namespace || root.namespace === SMC.namespace);
  if (!isPackage) throw malformed(where, 'SoftwareDistributionPackage', root.localName);
  return {
    schemaVersion: checkedAttribute(root, 'SchemaVersion', TYPES.schemaVersion, where),
    properties: readProperties(required(root, 'Properties', where), where),
    localizedProperties: readTexts(root, where),
    updateSpecificData: readSpecificData(root, where),
    isInstallable: readRuleIn(childOf(root, 'IsInstallable')),
    isInstalled: readRuleIn(childOf(root, 'IsInstalled')),
    supersededPackages: readIds(childOf(root, 'SupersededPackages'), where),
    prerequisites: childElements(root, 'Prerequisites')
      .flatMap((list) => childElements(list, 'AtLeastOne'))
      .map((group) => readIds(group, where)),
    bundledPackages: readIds(childOf(root, 'BundledPackages'), where),
    installableItems: childElements(root, 'InstallableItem').map((item) => readItem(item, where)),
  };
}

function required(from: XmlElement, name: string, where: Where): XmlElement {
  const child = childOf(from, name);
  if (child === null) throw malformed(where, `${name} in ${from.localName}`, 'none');
  return child;
}

function readProperties(from: XmlElement, where: Where): Package['properties'] {
  const publicationStates = ['Published', 'Expired'] as const;
  return {
    packageId: guid(requiredAttribute(from, 'PackageID', where), 'PackageID', where),
    creationDate: checkedAttribute(from, 'CreationDate', TYPES.date, where),
    vendorName: attributeOf(from, 'VendorName') ?? '',
    productNames: childElements(from, 'ProductName').map(textOf),
    publicationState: choice(from, 'PublicationState', publicationStates, 'Published', where),
    updateType: choice(from, 'UpdateType', ['Software', 'Driver', 'Detectoid'], 'Software', where),
    moreInfoUrls: childElements(from, 'MoreInfoUrl').map((url) => textOf(url).trim()),
    supportUrl: optionalText(from, 'SupportUrl')?.trim() ?? null,
    canSourceBeRequired: flag(from, 'CanSourceBeRequired', null, where),
    restrictToClientServicingApi: flag(from, 'RestrictToClientServicingApi', null, where),
  };
}

function readTexts(root: XmlElement, where: Where): Package['localizedProperties'] {
  const entries = childElements(root, 'LocalizedProperties');
  if (entries.length === 0) throw malformed(where, 'LocalizedProperties', 'none');
  return entries.map((entry) => ({
    language: requiredText(entry, 'Language', where).trim(),
    title: requiredText(entry, 'Title', where),
    description: requiredText(entry, 'Description', where),
  }));
}

function readSpecificData(root: XmlElement, where: Where): Package['updateSpecificData'] {
  const data = childOf(root, 'UpdateSpecificData');
  if (data === null) {
    required(root, 'ApplicationSpecificData', where);
    const none = { msrcSeverity: null, securityBulletinId: null, cveIds: [], kbArticleId: null };
    return { classification: 'Applications', ...none };
  }
  const classification = choice(data, 'UpdateClassification', CLASSIFICATIONS, null, where);
  if (classification === null) throw malformed(where, 'UpdateSpecificData/@UpdateClassification', 'none');
  const severities = ['Critical', 'Important', 'Moderate', 'Low'] as const;
  return {
    classification,
    msrcSeverity: choice(data, 'MsrcSeverity', severities, null, where),
    securityBulletinId: optionalText(data, 'SecurityBulletinID'),
    cveIds: childElements(data, 'CveID').map(textOf),
    kbArticleId: optionalText(data, 'KBArticleID'),
  };
}

function readIds(list: XmlElement | null, where: Where): readonly string[] {
  const ids = list === null ? [] : childElements(list, 'PackageID');
  return ids.map((id) => guid(textOf(id), 'PackageID', where));
}

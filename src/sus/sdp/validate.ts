import type { Route } from '../../core/publication.js';
import type { SoftwareDistributionPackage } from '../../core/update.js';
import { checkUnique, checkValue, type Finding, finding } from '../finding.js';
import { CLASSIFICATION_CATEGORY } from '../namespaces.js';
import { length, oneOf, TYPES } from '../rules/checks.js';
import { checkRule } from '../rules/index.js';
import { checkCharacters } from './characters.js';
import { LOWER_GUID, OUR_DATE } from './types.js';
import { checkItem } from './validate-item.js';

type Package = SoftwareDistributionPackage;

/** What WSUS takes for its own: refused as VendorName and ProductName (configmgr-catalog, section 3.3). */
const RESERVED_NAMES = new Set([
  'microsoft corporation',
  'microsoft',
  'update',
  'software update',
  'tools',
  'tool',
  'critical',
  'critical updates',
  'security',
  'security updates',
  'feature pack',
  'update rollup',
  'service pack',
  'driver',
  'driver update',
  'bundle',
  'bundle update',
]);
/** `Hotfixes` and ApplicationSpecificData are legal, and WSUS files them nowhere; drivers need the driver's metadata. */
const CLASSIFICATIONS = oneOf(...Object.keys(CLASSIFICATION_CATEGORY).filter((name) => name !== 'Drivers'));

export interface SdpOptions {
  /** A site fetches the content of a catalog's update from its OriginUri; a direct one needs none. Absent: `catalog`. */
  readonly route?: Route;
}

/**
 * What keeps the package from being written: the schema's types and numbers (SoftwareDistributionPackage.xsd), and what
 * WSUS and ConfigMgr refuse or lose although the schema allows it (configmgr-catalog 3.3 and 7.3). Empty: it is sound. Pure.
 */
export function validateSdp(pkg: Package, options: SdpOptions = {}): readonly Finding[] {
  return [
    ...checkValue('@SchemaVersion', 'schema-version', pkg.schemaVersion, TYPES.schemaVersion),
    ...checkProperties(pkg.properties),
    ...checkTexts(pkg),
    ...checkSpecificData(pkg),
    ...(pkg.isInstallable === null ? [] : checkRule(pkg.isInstallable, 'IsInstallable')),
    ...(pkg.isInstalled === null ? [] : checkRule(pkg.isInstalled, 'IsInstalled')),
    ...checkRelations(pkg),
    ...checkItems(pkg, options),
    ...checkCharacters(pkg),
  ];
}

function checkProperties(properties: Package['properties']): readonly Finding[] {
  const names = properties.productNames;
  const urls = properties.moreInfoUrls;
  return [
    ...checkValue('Properties/@PackageID', 'guid', properties.packageId, LOWER_GUID),
    ...checkValue('Properties/@CreationDate', 'date', properties.creationDate, OUR_DATE),
    ...checkName('Properties/@VendorName', properties.vendorName),
    ...checkValue(
      'Properties/@UpdateType',
      'update-type',
      properties.updateType,
      oneOf('Software', 'Detectoid'),
    ),
    // Without one WSUS files the update under "Locally published packages".
    ...(names.length === 0 ? [finding('Properties/ProductName', 'cardinality', 'at least one', 'none')] : []),
    ...names.flatMap((name, index) => checkName(`Properties/ProductName[${index}]`, name)),
    ...checkUnique('Properties/ProductName', names),
    ...urls.flatMap((url, index) =>
      checkValue(`Properties/MoreInfoUrl[${index}]`, 'url', url, TYPES.httpUrl),
    ),
    ...(properties.supportUrl === null
      ? []
      : checkValue('Properties/SupportUrl', 'url', properties.supportUrl, TYPES.httpUrl)),
  ];
}

function checkName(path: string, name: string): readonly Finding[] {
  if (!RESERVED_NAMES.has(name.toLowerCase())) return checkValue(path, 'length', name, length(1, 200));
  return [finding(path, 'reserved-name', 'a name that WSUS does not keep for itself', name)];
}

function checkTexts({ localizedProperties }: Package): readonly Finding[] {
  if (localizedProperties.length === 0) {
    return [finding('LocalizedProperties', 'cardinality', 'at least one', 'none')];
  }
  const languages = localizedProperties.map((texts) => texts.language);
  return [
    ...checkUnique('LocalizedProperties/Language', languages),
    ...localizedProperties.flatMap(({ language, title, description }, index) => {
      const path = `LocalizedProperties[${index}]`;
      return [
        ...checkValue(`${path}/Language`, 'language', language, TYPES.language),
        ...checkValue(`${path}/Title`, 'length', title, length(1, 200)),
        ...checkValue(`${path}/Description`, 'length', description, length(1, 1500)),
      ];
    }),
  ];
}

function checkSpecificData({ updateSpecificData: data }: Package): readonly Finding[] {
  const path = 'UpdateSpecificData';
  const { classification, securityBulletinId, kbArticleId, cveIds } = data;
  return [
    ...checkValue(`${path}/@UpdateClassification`, 'classification', classification, CLASSIFICATIONS),
    ...checkOptional(`${path}/SecurityBulletinID`, securityBulletinId, 15),
    ...checkOptional(`${path}/KBArticleID`, kbArticleId, 15),
    ...cveIds.flatMap((id, index) => checkOptional(`${path}/CveID[${index}]`, id, 40)),
    ...checkUnique(`${path}/CveID`, cveIds),
  ];
}

function checkOptional(path: string, text: string | null, maximum: number): readonly Finding[] {
  return text === null ? [] : checkValue(path, 'length', text, length(1, maximum));
}

function checkRelations(pkg: Package): readonly Finding[] {
  const { supersededPackages, prerequisites, bundledPackages } = pkg;
  return [
    ...checkIds(pkg, 'SupersededPackages/PackageID', supersededPackages),
    ...prerequisites.flatMap((group, index) => {
      const path = `Prerequisites/AtLeastOne[${index}]`;
      if (group.length === 0) return [finding(path, 'cardinality', 'at least one PackageID', 'none')];
      return checkIds(pkg, `${path}/PackageID`, group);
    }),
    ...checkIds(pkg, 'BundledPackages/PackageID', bundledPackages),
  ];
}

function checkIds(pkg: Package, path: string, ids: readonly string[]): readonly Finding[] {
  const own = pkg.properties.packageId.toLowerCase();
  return [
    ...ids.flatMap((id, index) => checkValue(`${path}[${index}]`, 'guid', id, LOWER_GUID)),
    ...checkUnique(path, ids),
    ...(ids.some((id) => id.toLowerCase() === own) ? [finding(path, 'itself', 'other packages', own)] : []),
  ];
}

/** A bundle has no item of its own; a detectoid needs none; anything else has something to install. */
function checkItems(pkg: Package, options: SdpOptions): readonly Finding[] {
  const { installableItems: items, bundledPackages } = pkg;
  const isEmpty = items.length === 0 && bundledPackages.length === 0;
  const isBoth = items.length > 0 && bundledPackages.length > 0;
  return [
    ...(isEmpty && pkg.properties.updateType !== 'Detectoid'
      ? [finding('InstallableItem', 'cardinality', 'an item or BundledPackages', 'neither')]
      : []),
    ...(isBoth ? [finding('InstallableItem', 'cardinality', 'no item beside BundledPackages', 'both')] : []),
    ...checkUnique('InstallableItem/@ID', [pkg.properties.packageId, ...items.map((item) => item.id)]),
    ...items.flatMap((item, index) => checkItem(item, `InstallableItem[${index}]`, options)),
  ];
}

import type { OriginFile, SoftwareDistributionPackage } from '../../core/update.js';
import { APPLICATIONS_CATEGORY, CLASSIFICATION_CATEGORY } from '../../sus/namespaces.js';
import { readSdp } from '../../sus/sdp/index.js';
import { createMemory } from './memory.js';
import { SiteRefusal } from './refusal.js';

/** What the site and its update server need to know of a package; ids in lower case. */
export interface PackageFacts {
  readonly title: string;
  readonly vendorName: string;
  readonly productNames: readonly string[];
  readonly classification: string;
  /** The category update of the classification. */
  readonly classificationId: string;
  readonly isExpired: boolean;
  readonly supersedes: readonly string[];
  /** Of its one item; null where it has none. */
  readonly itemId: string | null;
  readonly originFile: OriginFile | null;
  /** Windows Installer repairs from the place where the content lies. */
  readonly isWindowsInstaller: boolean;
}

/**
 * Reads what was imported. Throws PermanentError for what cannot be understood, SiteRefusal for what the server would
 * file nowhere.
 */
export function readPackageFacts(sdp: string): PackageFacts {
  return rememberFacts(sdp, () => factsIn(sdp));
}

const rememberFacts = createMemory<PackageFacts>();

function factsIn(sdp: string): PackageFacts {
  const pkg = readSdp(sdp, 'imported package');
  const { properties, updateSpecificData, installableItems, bundledPackages } = pkg;
  // A real server makes a bundle of these; no catalog seen so far has one.
  if (installableItems.length > 1 || bundledPackages.length > 0) {
    throw new SiteRefusal(null, 'this server makes no bundles: one InstallableItem, no BundledPackages');
  }
  const [item] = installableItems;
  const kind = item?.handler?.kind;
  return {
    title: pkg.localizedProperties[0]?.title ?? '',
    vendorName: named(properties.vendorName, 'VendorName'),
    productNames: properties.productNames.map((name) => named(name, 'ProductName')),
    classification: updateSpecificData.classification,
    classificationId: classificationIdOf(updateSpecificData.classification),
    isExpired: properties.publicationState === 'Expired',
    supersedes: pkg.supersededPackages,
    itemId: item?.id ?? null,
    originFile: item?.originFile ?? null,
    isWindowsInstaller: kind === 'MsiInstallerData' || kind === 'MspInstallerData',
  };
}

function named(name: string, what: string): string {
  if (name.trim() === '') throw new SiteRefusal(null, `${what} is missing, no category can be made of it`);
  return name;
}

/** `Hotfixes` has no category (TranslateSdpToSus): such an update could never reach a client. */
function classificationIdOf(
  classification: SoftwareDistributionPackage['updateSpecificData']['classification'],
): string {
  if (classification === 'Applications') return APPLICATIONS_CATEGORY.toLowerCase();
  const id = CLASSIFICATION_CATEGORY[classification];
  if (id === undefined) throw new SiteRefusal(null, `UpdateClassification ${classification} has no category`);
  return id.toLowerCase();
}

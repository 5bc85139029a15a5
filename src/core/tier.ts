import type { InstallerDefinition, ProductDefinition, Tier } from './product.js';

/** The highest tier of a product, and in words what it lacks for the one above (design section 8). */
export interface TierReport {
  readonly tier: Tier;
  readonly lacks: {
    /** Of B for A. */
    readonly A: readonly string[];
    /** Of C for B. */
    readonly B: readonly string[];
  };
}

/** Their files tell how an installed copy shows itself. */
const TELLING: ReadonlySet<InstallerDefinition['technology']> = new Set(['msi', 'inno', 'burn']);

/**
 * A publishes by itself: the vendor's own feed, an address, and detection from evidence. B the same after its first
 * inspection, which brings the evidence. C is known only. An inferred name is never evidence. Pure.
 */
export function highestTier(product: ProductDefinition): TierReport {
  const faults = [...unusable(product), ...withoutFeed(product)];
  const reachable = product.installers.filter(isReachable);
  if (reachable.length === 0) faults.push('an address of an installer');
  const evident = reachable.filter(isEvident);
  const telling = reachable.filter(isTelling);
  if (reachable.length > 0 && evident.length === 0 && telling.length === 0) {
    faults.push('evidence of how an installed copy shows itself under Apps');
  }
  const forA = evident.length > 0 ? [] : ['evidence of its detection before the first inspection'];
  if (faults.length > 0) return { tier: 'C', lacks: { A: forA, B: faults } };
  return { tier: evident.length > 0 ? 'A' : 'B', lacks: { A: forA, B: [] } };
}

function unusable({ automation, retired }: ProductDefinition): string[] {
  return [
    ...(automation === 'forbidden' ? ["the vendor's consent to automated download"] : []),
    ...(retired === true ? ['a vendor who still releases it'] : []),
  ];
}

function withoutFeed({ feeds, installers }: ProductDefinition): readonly string[] {
  const [first] = feeds;
  // Second sources confirm, they show no release.
  if (first === undefined || first.type === 'winget') return ["a complete feed of the vendor's own"];
  if (first.type !== 'static-download' || isFile(first.url, installers)) return [];
  return ['a feed that shows the version (at its address there is no installer)'];
}

/** An address whose file tells the version: one that is installed from, or that has the name of an installer. */
function isFile(url: unknown, installers: readonly InstallerDefinition[]): boolean {
  const isInstalledFrom = installers.some(
    ({ urlTemplate }) => urlTemplate !== undefined && urlTemplate === url,
  );
  return isInstalledFrom || (typeof url === 'string' && /\.(?:exe|msi)(?:[?#]|$)/i.test(url));
}

function isReachable({ assetPattern, urlTemplate }: InstallerDefinition): boolean {
  return assetPattern !== undefined || urlTemplate !== undefined;
}

/** Known before any file is: a name, a key, or the UpgradeCode of an MSI that then proves the rest. */
function isEvident({ detection }: InstallerDefinition): boolean {
  if (detection === undefined || detection.evidence === 'inferred') return false;
  const { displayName, key, upgradeCode } = detection;
  return displayName !== undefined || key !== undefined || upgradeCode !== undefined;
}

function isTelling({ technology, detection }: InstallerDefinition): boolean {
  return TELLING.has(technology) && detection?.evidence !== 'inferred';
}

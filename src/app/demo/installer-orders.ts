import type {
  ArpDetection,
  InstallerDefinition,
  InstallerTechnologyName,
  ProductDefinition,
  TextMatch,
} from '../../core/product.js';
import { variantOf } from '../../core/product.js';
import { fourNumbers, type InstallerFacts } from '../../lab/installers/installer-facts.js';
import { isProductVersion } from '../../lab/installers/msi.js';
import { windows11 } from '../../lab/machines/index.js';

/** What the lab can make: bundles are not among it. */
export const LAB_TECHNOLOGIES: ReadonlySet<InstallerTechnologyName> = new Set([
  'msi',
  'inno',
  'nullsoft',
  'exe',
]);

/** Longer ids are shortened by Inno Setup itself. */
const MAX_INNO_KEY = 57 + '_is1'.length;

/**
 * What the product's installer would say of itself and leave behind, by the facts that its definition states. Null where
 * the lab cannot make such a one, or nobody knows what it leaves behind.
 */
export function factsFor(
  product: ProductDefinition,
  installer: InstallerDefinition,
  version: string,
): InstallerFacts | null {
  const { architecture, detection } = installer;
  if (fourNumbers(version) === null || isOnEveryComputer(product.name, detection?.displayName)) return null;
  const natural = architecture === 'x86' ? '32' : '64';
  const facts = {
    architecture,
    productName: product.name,
    publisher: detection?.publisher ?? product.vendor,
    version,
    displayName: statedName(detection?.displayName ?? {}, version) ?? product.name,
    key: detection?.key ?? null,
    view: detection?.view ?? natural,
    upgradeCode: detection?.upgradeCode ?? null,
    build: [product.id, version, variantOf(installer)].join('/'),
  } as const;
  return CAN_BE_MADE[installer.technology](facts, detection, natural)
    ? withKey(facts, installer.technology)
    : null;
}

/** The lab's computers come with a few programs: without one of them there is no computer. */
function isOnEveryComputer(productName: string, { equalTo, beginsWith }: TextMatch = {}): boolean {
  const { registry } = windows11();
  const names = Object.values({ ...registry['64'], ...registry['32'] }).map(({ DisplayName }) =>
    String(DisplayName?.value ?? ''),
  );
  const beginning = equalTo ?? beginsWith ?? productName;
  return names.some((name) => name.startsWith(beginning) || name.startsWith(productName));
}

type Judge = (facts: InstallerFacts, detection: ArpDetection | undefined, natural: '64' | '32') => boolean;

const stated: Judge = (_facts, detection) =>
  detection !== undefined &&
  !detection.windowsInstaller &&
  (detection.evidence === 'stated' || detection.evidence === 'inventory') &&
  (detection.key !== undefined || detection.displayName !== undefined);

const CAN_BE_MADE: Readonly<Record<InstallerTechnologyName, Judge>> = {
  msi: ({ view, version }, detection, natural) =>
    view === natural && isProductVersion(version) && detection?.windowsInstaller !== false,
  inno: ({ view, architecture, key }, detection, natural) =>
    view === natural &&
    architecture !== 'arm64' &&
    detection?.windowsInstaller !== true &&
    (key === null || (/_is1$/i.test(key) && key.length <= MAX_INNO_KEY)),
  nullsoft: stated,
  exe: stated,
  burn: () => false,
};

/** An Inno Setup makes its key of an id that its vendor once chose. */
function withKey(facts: InstallerFacts, technology: InstallerTechnologyName): InstallerFacts {
  if (technology !== 'inno' || facts.key !== null) return facts;
  return { ...facts, key: `${facts.productName.slice(0, 57)}_is1` };
}

/** What a vendor that puts the version into the name calls it. */
function statedName({ equalTo, beginsWith = '', endsWith = '' }: TextMatch, version: string): string | null {
  if (equalTo !== undefined) return equalTo;
  return beginsWith === '' && endsWith === '' ? null : `${beginsWith}${version}${endsWith}`;
}

import type { ArpDetection, InstallerTechnologyName, TextMatch } from '../../core/product.js';
import { passesWindowsInstaller } from './command.js';
import type { InstallerFacts } from './facts.js';
import { isSameVersion, placesOfVersion } from './version-in-text.js';

export interface DetectionDraft {
  /** Absent: the file itself has to tell, or nobody knows. */
  readonly detection?: ArpDetection;
  /** In words, what keeps the known row from being used. */
  readonly remarks: readonly string[];
}

/** Technologies whose files state the version they write, which need not be the release's. */
const STATES_ITS_VERSION: ReadonlySet<InstallerTechnologyName> = new Set(['msi', 'inno', 'burn']);
const GUID = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

/** How an installed copy shows itself, from what is stated: an UpgradeCode, an uninstall key, a row. Never a guess. */
export function draftDetection(
  technology: InstallerTechnologyName,
  facts: InstallerFacts,
  product: { readonly id: string; readonly name: string; readonly vendor: string },
): DetectionDraft {
  if (technology === 'msi' && facts.upgradeCode != null) {
    return {
      detection: { ...ruleOf(technology), upgradeCode: facts.upgradeCode, evidence: 'msi-tables' },
      remarks: [],
    };
  }
  const key = technology === 'msi' ? undefined : stableKey(facts);
  const displayName = statedName(facts, `${product.name} ${product.id}`);
  if (key === undefined && displayName === undefined) return { remarks: [] };
  const remark = remarkOn(technology, facts);
  if (remark !== null) return { remarks: [remark] };
  const publisher = statedPublisher(facts, product.vendor);
  return {
    detection: {
      ...(key === undefined ? {} : { key }),
      ...(displayName === undefined ? {} : { displayName }),
      ...(publisher === undefined ? {} : { publisher }),
      ...ruleOf(technology),
      evidence: facts.evidence ?? 'stated',
    },
    remarks: [],
  };
}

function ruleOf(
  technology: InstallerTechnologyName,
): Pick<ArpDetection, 'windowsInstaller' | 'displayVersion'> {
  return {
    windowsInstaller: technology === 'msi',
    displayVersion: STATES_ITS_VERSION.has(technology) ? 'installer' : 'release',
  };
}

/** Why a stated row of an executable cannot be compared with a release; null where it can. */
function remarkOn(technology: InstallerTechnologyName, facts: InstallerFacts): string | null {
  if (technology === 'exe' && (isGuid(facts.productCode) || passesWindowsInstaller(facts.silentArgs ?? ''))) {
    return 'the executable seems to carry an MSI, whose row under Apps is not known';
  }
  const [shown, version] = [facts.arp?.displayVersion, facts.sampleVersion];
  if (STATES_ITS_VERSION.has(technology) || shown == null || version == null) return null;
  return isSameVersion(shown, version) ? null : `Apps shows version ${shown} where the release is ${version}`;
}

/** The name of the uninstall key, where it stays the same from release to release. */
function stableKey({ productCode, sampleVersion }: InstallerFacts): string | undefined {
  if (productCode == null || isGuid(productCode)) return undefined;
  return hasVersion(productCode.replace(/\{[0-9a-f-]{36}\}/i, ''), sampleVersion ?? '')
    ? undefined
    : productCode;
}

function hasVersion(text: string, version: string): boolean {
  const major = version.split('.')[0] ?? '';
  const isMajor = major.length > 1 && text.match(/\d+/g)?.includes(major) === true;
  return isMajor || /\d[._]\d/.test(text) || placesOfVersion(text, version).length > 0;
}

function isGuid(text: string | null | undefined): boolean {
  return GUID.test(text ?? '');
}

function statedName({ arp, sampleVersion }: InstallerFacts, product: string): TextMatch | undefined {
  if (arp?.displayName == null || arp.inferred === true) return undefined;
  const versions = [arp.displayVersion, sampleVersion].flatMap((one) => (one == null ? [] : [one]));
  return matchOfStatedName(arp.displayName, versions, product);
}

/**
 * A row's name: equal, or what stands before and behind the version in it. As much of the version as the product's own
 * name has stays: `Python 3.12` is not found by a row of 3.13. Undefined where too little of the name is left.
 */
export function matchOfStatedName(
  name: string,
  versions: readonly string[],
  product: string,
): TextMatch | undefined {
  const places = versions.map((version) => placesOfVersion(name, version)).find(({ length }) => length > 0);
  const [first, last] = [places?.[0], places?.at(-1)];
  if (first === undefined || last === undefined) {
    const other = /\d+(?:\.\d+)+/.exec(name)?.[0];
    return other === undefined || namesPart(product, other) ? { equalTo: name } : undefined;
  }
  const shown = name.slice(first.start, first.end);
  if (namesPart(product, shown)) return { equalTo: name };
  const beginsWith = name.slice(0, first.start) + lineOf(shown, product);
  const endsWith = name.slice(last.end);
  if (!/\p{L}{3}/u.test(beginsWith)) return undefined;
  return endsWith === '' ? { beginsWith } : { beginsWith, endsWith };
}

/** The first parts of a version that the product's name has too, with what follows them: `3.12.` of `3.12.10`. */
function lineOf(version: string, product: string): string {
  const cuts = [...version.matchAll(/[._-]/g)].map(({ index }) => index).reverse();
  const cut = cuts.find((at) => namesPart(product, version.slice(0, at)));
  return cut === undefined ? '' : version.slice(0, cut + 1);
}

function namesPart(product: string, part: string): boolean {
  return product.match(/\d+(?:[._-]\d+)*/g)?.includes(part) === true;
}

/** Facts and manifests repeat the vendor where the row's publisher is not stated: only another name is known to be. */
function statedPublisher({ arp }: InstallerFacts, vendor: string): string | undefined {
  const publisher = arp?.inferred === true ? undefined : arp?.publisher;
  return publisher == null || publisher === vendor ? undefined : publisher;
}

import type { InstallerInspection } from '../core/installer.js';
import type { InstallerDefinition } from '../core/product.js';

export interface InstallerMismatch {
  readonly what: 'technology' | 'architecture' | 'version' | 'scope' | 'upgrade code';
  readonly expected: string;
  readonly found: string;
}

/** The property of an MSI, and the switch of an Inno Setup that leaves the choice to its user. */
const FOR_ALL_USERS = /(^|\s)(ALLUSERS=1|\/ALLUSERS)(\s|$)/i;

/**
 * Where the file contradicts its definition and the release's version; empty when it fits. What it is silent about fits,
 * but for the version of a release that is known by nothing else (`isVersionInFile`).
 */
export function findMismatches(
  inspection: InstallerInspection,
  definition: InstallerDefinition,
  version: string,
  isVersionInFile = false,
): readonly InstallerMismatch[] {
  const found: InstallerMismatch[] = [];
  if (!isOfTechnology(inspection, definition)) {
    found.push({ what: 'technology', expected: definition.technology, found: inspection.technology });
  }
  if (inspection.architecture !== null && inspection.architecture !== definition.architecture) {
    found.push({ what: 'architecture', expected: definition.architecture, found: inspection.architecture });
  }
  if (inspection.scope === 'user' && !FOR_ALL_USERS.test(definition.arguments)) {
    found.push({ what: 'scope', expected: definition.scope, found: 'installs for one user (no ALLUSERS=1)' });
  }
  if (isVersionInFile ? !saysVersion(inspection, version) : versionsDiffer(inspection, version, definition)) {
    found.push({ what: 'version', expected: version, found: inspection.version ?? 'none' });
  }
  const upgradeCode = definition.detection?.upgradeCode;
  if (upgradeCode !== undefined && inspection.upgradeCode?.toUpperCase() !== upgradeCode.toUpperCase()) {
    found.push({ what: 'upgrade code', expected: upgradeCode, found: inspection.upgradeCode ?? 'none' });
  }
  return found;
}

/** `exe` says only that it is an executable: which kind nobody stated. */
function isOfTechnology({ technology }: InstallerInspection, definition: InstallerDefinition): boolean {
  if (definition.technology === 'exe') return technology !== 'msi';
  return technology === definition.technology;
}

/**
 * An MSI's ProductVersion that is said to follow its own numbering is not compared, and texts that are no version
 * numbers are not either. Only parts that both have count: Windows Installer itself ignores the fourth, and a file's
 * four numbers often end in a build that the release does not name.
 */
function versionsDiffer(
  { version: found }: InstallerInspection,
  expected: string,
  definition: InstallerDefinition,
): boolean {
  if (found === null || (definition.detection?.displayVersion ?? 'installer') === 'installer') return false;
  const [a, b] = [numericParts(found), numericParts(expected)];
  return a !== null && b !== null && !agree(a, b);
}

/** The second file of a release may lag behind the first, at an address that names no version either. */
function saysVersion({ version: found }: InstallerInspection, expected: string): boolean {
  if (found === null) return false;
  const [a, b] = [numericParts(found), numericParts(expected)];
  return a === null || b === null ? found === expected : agree(a, b);
}

function agree(found: readonly number[], expected: readonly number[]): boolean {
  return found.slice(0, expected.length).every((part, index) => part === expected[index]);
}

function numericParts(version: string): readonly number[] | null {
  if (!/^v?\d+(\.\d+)*$/i.test(version)) return null;
  const parts = version.replace(/^v/i, '').split('.').map(Number);
  // The fixed numbers of a file have 16 bits: a larger part (a date) cannot be there.
  return parts.some((part) => part > 65535) ? null : parts;
}

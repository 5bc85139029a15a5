import type { InstallerInspection } from '../core/installer.js';
import type { Architecture } from '../core/product.js';
import type { PeFile } from '../formats/pe/index.js';

const MACHINES: Readonly<Record<number, Architecture>> = { 332: 'x86', 34404: 'x64', 43620: 'arm64' };

/** What any PE says about itself: the machine of its own code and its version resource. */
export function executableFacts(pe: PeFile): InstallerInspection {
  const strings = pe.versionInfo?.strings;
  return {
    technology: 'unknown',
    architecture: MACHINES[pe.machine] ?? null,
    scope: 'unknown',
    productName: strings?.get('ProductName') || null,
    publisher: strings?.get('CompanyName') || null,
    version: fixedVersion(pe.versionInfo?.fileVersion ?? null),
    language: pe.versionInfo?.language || null,
    productCode: null,
    upgradeCode: null,
    arp: [],
  };
}

/** All zero is what a compiler writes when nobody gave a version. */
function fixedVersion(version: string | null): string | null {
  return version === '0.0.0.0' ? null : version;
}

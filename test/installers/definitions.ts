import type { InstallerInspection } from '../../src/core/installer.js';
import type { ArpDetection, InstallerDefinition } from '../../src/core/product.js';

/** An x64 NSIS installer with a stated ARP row. */
export function nullsoftDefinition(
  changes: Partial<InstallerDefinition> = {},
): InstallerDefinition & { readonly detection: ArpDetection } {
  return {
    architecture: 'x64',
    technology: 'nullsoft',
    scope: 'machine',
    assetPattern: 'setup\\.exe$',
    arguments: '/S',
    returnCodes: [],
    ...changes,
    detection: changes.detection ?? {
      view: '64',
      displayName: { equalTo: 'Sample Setup' },
      windowsInstaller: false,
      displayVersion: 'release',
      evidence: 'stated',
    },
  };
}

export function inspectionOf(changes: Partial<InstallerInspection>): InstallerInspection {
  return {
    technology: 'nullsoft',
    architecture: null,
    scope: 'unknown',
    productName: null,
    publisher: null,
    version: null,
    language: null,
    productCode: null,
    upgradeCode: null,
    arp: [],
    ...changes,
  };
}

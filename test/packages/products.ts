import assert from 'node:assert/strict';
import type { ArpEvidence, InstallerInspection } from '../../src/core/installer.js';
import type { ArpDetection, InstallerDefinition, ProductDefinition } from '../../src/core/product.js';
import { variantOf } from '../../src/core/product.js';
import type { InstallerRecord } from '../../src/core/records.js';
import { type Detection, resolveDetection } from '../../src/packages/detection.js';

/** A definition that says how an installed copy is known. */
export type Detected = InstallerDefinition & { readonly detection: ArpDetection };

/** The kinds of product that the proof must get right: where the name holds the version, both views, MSI and NSIS. */
export const putty64: Detected = msi('x64', {
  view: '64',
  displayName: { beginsWith: 'PuTTY release ', endsWith: ' (64-bit)' },
  publisher: 'Simon Tatham',
});
export const putty32: Detected = msi('x86', {
  view: '32',
  displayName: { beginsWith: 'PuTTY release ' },
  publisher: 'Simon Tatham',
});
export const notepad64: Detected = {
  architecture: 'x64',
  technology: 'nullsoft',
  scope: 'machine',
  assetPattern: 'x64\\.exe$',
  arguments: '/S',
  returnCodes: [
    { code: 0, result: 'Succeeded', reboot: false },
    { code: 5, result: 'Failed', reboot: false },
  ],
  detection: {
    view: '64',
    displayName: { equalTo: 'Notepad++ (64-bit x64)' },
    publisher: 'Notepad++ Team',
    windowsInstaller: false,
    displayVersion: 'release',
    evidence: 'stated',
  },
};

function msi(
  architecture: 'x64' | 'x86',
  detection: Pick<ArpDetection, 'view' | 'displayName' | 'publisher'>,
): Detected {
  return {
    architecture,
    technology: 'msi',
    scope: 'machine',
    assetPattern: '\\.msi$',
    arguments: '',
    returnCodes: [],
    detection: {
      ...detection,
      windowsInstaller: true,
      displayVersion: 'installer',
      evidence: 'msi-tables',
    },
  };
}

export function productOf(
  installers: readonly InstallerDefinition[],
  changes: Partial<ProductDefinition> = {},
): ProductDefinition {
  return {
    id: 'PuTTY.PuTTY',
    name: 'PuTTY',
    vendor: 'Simon Tatham',
    tier: 'A',
    homepage: 'https://putty.example/',
    versionScheme: 'numeric',
    classification: 'Updates',
    feeds: [{ type: 'html' }],
    installers,
    ...changes,
  };
}

/** What the rules look for where a file leaves this row. */
export function resolved(detection: ArpDetection, row: ArpEvidence): Detection {
  const found = resolveDetection({ ...putty64, detection }, [row], '0.85');
  assert.ok(found !== null);
  return found;
}

export const PRODUCT_CODE = '{1D5B2C7E-53A0-4F0B-9C56-0A1B2C3D4E5F}';

export function rowOf(changes: Partial<ArpEvidence> = {}): ArpEvidence {
  return {
    view: '64',
    key: PRODUCT_CODE,
    displayName: 'PuTTY release 0.85 (64-bit)',
    displayVersion: '0.85.0.0',
    publisher: 'Simon Tatham',
    windowsInstaller: true,
    source: 'msi-tables',
    ...changes,
  };
}

export function inspectionOf(changes: Partial<InstallerInspection> = {}): InstallerInspection {
  const row = rowOf();
  return {
    technology: 'msi',
    architecture: 'x64',
    scope: 'machine',
    productName: row.displayName,
    publisher: row.publisher,
    version: row.displayVersion,
    language: 1033,
    productCode: PRODUCT_CODE,
    upgradeCode: null,
    arp: [row],
    ...changes,
  };
}

export function installerRecordOf(
  definition: InstallerDefinition,
  version: string,
  changes: Partial<InstallerRecord> = {},
): InstallerRecord {
  return {
    productId: 'PuTTY.PuTTY',
    version,
    variant: variantOf(definition),
    url: `https://putty.example/${version}/putty.msi`,
    fileName: `putty-${version}.msi`,
    sha256: version.replaceAll('.', '').padStart(64, 'a'),
    sha1: version.replaceAll('.', '').padStart(40, 'b'),
    sizeBytes: 4096,
    modified: '2026-08-16T10:00:00Z',
    signature: { status: 'unsigned' },
    inspection: inspectionOf(),
    acquiredAt: '2026-08-17T00:00:00.000Z',
    ...changes,
  };
}

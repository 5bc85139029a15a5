import type { Rule } from '../../../src/core/applicability.js';
import type { MsiPatchMetadata } from '../../../src/core/msi-patch.js';
import type { InstallableItem, SoftwareDistributionPackage } from '../../../src/core/update.js';

const PLACE = {
  key: 'HKEY_LOCAL_MACHINE',
  subkey: 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\7-Zip',
  regType32: false,
  value: 'DisplayVersion',
} as const;
const guard: Rule = { kind: 'RegValueExists', ...PLACE, type: 'REG_SZ' };
const version = (comparison: 'LessThan' | 'GreaterThanOrEqualTo'): Rule => ({
  kind: 'RegSzToVersion',
  ...PLACE,
  comparison,
  data: '26.0.0.0',
});

export const ITEM: InstallableItem = {
  id: '22222222-2222-4222-8222-222222222222',
  applicabilityRules: {
    isInstalled: { kind: 'And', rules: [guard, version('GreaterThanOrEqualTo')] },
    isSuperseded: null,
    isInstallable: { kind: 'And', rules: [guard, version('LessThan')] },
  },
  installProperties: {
    canRequestUserInput: false,
    requiresNetworkConnectivity: false,
    impact: 'Normal',
    rebootBehavior: 'CanRequestReboot',
  },
  uninstallProperties: null,
  handler: {
    kind: 'CommandLineInstallerData',
    program: '7z2600-x64.exe',
    arguments: '/S',
    defaultResult: 'Failed',
    rebootByDefault: false,
    returnCodes: [
      { code: 0, result: 'Succeeded', reboot: false },
      { code: 3010, result: 'Succeeded', reboot: true },
    ],
  },
  originFile: {
    digest: 'qiAeDPdtGkvpEJmLtHiBuePNCpM=',
    fileName: '7z2600-x64.exe',
    sizeBytes: 1_600_000,
    modified: '2026-11-20T10:00:00Z',
    originUri: 'https://patchpress.lab/content/00/7z2600-x64.exe',
    sha256: 'lnvOh7AR+lMMUMEE8Np8hRNaYCLumO8C3Gif3v/XoAI=',
  },
  languages: [],
};

export const MSI_ITEM: InstallableItem = {
  ...ITEM,
  handler: {
    kind: 'MsiInstallerData',
    msiFile: '7z2600-x64.msi',
    productCode: '{23170F69-40C1-2702-2600-000001000000}',
    commandLine: 'REBOOT=ReallySuppress TEXT="a b"',
    uninstallCommandLine: null,
  },
  originFile: ITEM.originFile === null ? null : { ...ITEM.originFile, fileName: '7z2600-x64.msi' },
};

export const PATCH: MsiPatchMetadata = {
  kind: 'MsiPatchMetadata',
  schemaVersion: '1.0.0.0',
  patchCode: '{0C7A0001-AAAA-4BBB-8CCC-0123456789AB}',
  minMsiVersion: 3,
  targetsRtm: true,
  targets: [
    {
      minMsiVersion: 200,
      productCode: { value: '{23170F69-40C1-2702-2500-000001000000}', validate: true },
      updatedProductCode: '{23170F69-40C1-2702-2600-000001000000}',
      version: { value: '25.0', validate: true, comparison: 'LessThanOrEqual', filter: 'MajorMinor' },
      updatedVersion: '26.0.0',
      language: { value: 1033, validate: false },
      updatedLanguages: [1033, 1031],
      upgradeCode: { value: '{23170F69-40C1-2702-0000-000004000000}', validate: null },
    },
  ],
  targetProductCodes: ['{23170F69-40C1-2702-2500-000001000000}'],
  obsoletedPatches: ['{0C7A0000-AAAA-4BBB-8CCC-0123456789AB}'],
  sequences: [
    {
      family: 'A & B',
      productCode: '{23170F69-40C1-2702-2500-000001000000}',
      sequence: '26.0.0.1',
      attributes: 1,
    },
  ],
  fallbackPatchCode: '{0C7A0002-AAAA-4BBB-8CCC-0123456789AB}',
};

export const MSP_ITEM: InstallableItem = {
  ...ITEM,
  applicabilityRules: {
    isInstalled: { kind: 'MsiPatchInstalled' },
    isSuperseded: { kind: 'MsiPatchSuperseded' },
    isInstallable: { kind: 'MsiPatchInstallable' },
    metadata: [PATCH],
  },
  handler: {
    kind: 'MspInstallerData',
    mspFileName: '7z2600.msp',
    patchCode: PATCH.patchCode,
    fullFilePatchCode: PATCH.fallbackPatchCode,
    commandLine: 'REBOOT=ReallySuppress',
    uninstallCommandLine: 'REBOOT=ReallySuppress TEXT="a b"',
  },
  originFile: ITEM.originFile === null ? null : { ...ITEM.originFile, fileName: '7z2600.msp' },
};

/** A sound package as this project makes them. */
export const PACKAGE: SoftwareDistributionPackage = {
  schemaVersion: '1.2',
  properties: {
    packageId: '11111111-1111-4111-8111-111111111111',
    creationDate: '2026-11-24T10:00:00Z',
    vendorName: 'Patchpress',
    productNames: ['Third-Party Updates'],
    publicationState: 'Published',
    updateType: 'Software',
    moreInfoUrls: ['https://www.7-zip.org/history.txt?a=1&b=2'],
    supportUrl: 'https://www.7-zip.org/support.html',
    canSourceBeRequired: null,
    restrictToClientServicingApi: null,
  },
  localizedProperties: [
    { language: 'en', title: '7-Zip 26.00 (EXE-x64)', description: 'Line 1 & <2>\nUmlauts: äöü 日本' },
  ],
  updateSpecificData: {
    classification: 'Security Updates',
    msrcSeverity: 'Important',
    securityBulletinId: null,
    cveIds: ['CVE-2026-1', 'CVE-2026-2'],
    kbArticleId: null,
  },
  isInstallable: { kind: 'Processor', architecture: 9 },
  isInstalled: null,
  supersededPackages: ['33333333-3333-4333-8333-333333333333'],
  prerequisites: [['44444444-4444-4444-8444-444444444444'], ['55555555-5555-4555-8555-555555555555']],
  bundledPackages: [],
  installableItems: [ITEM],
};

import { createHash } from 'node:crypto';
import type { Attestor } from '../../src/core/ports.js';
import type { InstallerRecord, RevisionRecord, UpdateRecord } from '../../src/core/records.js';
import type { SoftwareDistributionPackage } from '../../src/core/update.js';
import { writeSdp } from '../../src/sus/sdp/index.js';

/** Updates by number: the same number is the same update. */
export function packageIdOf(n: number): string {
  return `${String(n).padStart(8, '0')}-5a5a-5a00-8000-000000000000`;
}

export const CREATED = '2026-11-24T09:00:00Z';

const sha = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

export function updateOf(n: number, changes: Partial<UpdateRecord> = {}): UpdateRecord {
  return {
    packageId: packageIdOf(n),
    productId: `contoso/product-${n}`,
    productName: `Product ${n}`,
    version: `${n}.0`,
    variant: 'x64/msi/any/machine',
    kind: 'update',
    route: 'catalog',
    payloadSha256: sha('sha256', `payload ${n}`),
    respin: 0,
    title: `Product ${n} ${n}.0 (x64)`,
    supersedes: [],
    createdAt: '2026-11-24T09:00:00.000Z',
    ...changes,
  };
}

/** Of a made-up vendor; only its bytes matter here. */
export const CERTIFICATE = Buffer.from('30030101ff', 'hex');
export const THUMBPRINT = createHash('sha1').update(CERTIFICATE).digest('hex').toUpperCase();

export function installerOf(
  update: UpdateRecord,
  n: number,
  certificate: Buffer = CERTIFICATE,
): InstallerRecord {
  return {
    productId: update.productId,
    version: update.version,
    variant: update.variant,
    url: `https://vendor.example/product-${n}.exe`,
    fileName: `Product ${n}.exe`,
    sha256: update.payloadSha256,
    sha1: sha('sha1', `payload ${n}`),
    sizeBytes: 1000 + n,
    modified: '2026-11-20T00:00:00Z',
    signature: {
      status: 'valid',
      signer: {
        subject: 'CN=Contoso',
        issuer: 'CN=Contoso CA',
        serial: '01',
        thumbprint: THUMBPRINT,
        notBefore: '2026-01-01T00:00:00.000Z',
        notAfter: '2036-01-01T00:00:00.000Z',
        certificateDer: certificate,
      },
      digestAlgorithm: 'sha256',
      timestamp: null,
    },
    inspection: {
      technology: 'nullsoft',
      architecture: 'x64',
      scope: 'machine',
      productName: update.productName,
      publisher: 'Contoso',
      version: update.version,
      language: null,
      productCode: null,
      upgradeCode: null,
      arp: [],
    },
    acquiredAt: '2026-11-24T08:00:00.000Z',
  };
}

export function sdpOf(update: UpdateRecord, installer: InstallerRecord, creationDate: string): string {
  const rule = (comparison: 'LessThan' | 'GreaterThanOrEqualTo') =>
    ({
      kind: 'RegSzToVersion',
      key: 'HKEY_LOCAL_MACHINE',
      subkey: `SOFTWARE\\Contoso\\${update.productName}`,
      regType32: false,
      value: 'Version',
      comparison,
      data: '1.2.3.4',
    }) as const;
  const document: SoftwareDistributionPackage = {
    schemaVersion: '1.2',
    properties: {
      packageId: update.packageId,
      creationDate,
      vendorName: 'Patchpress',
      productNames: ['Patchpress Updates'],
      publicationState: 'Published',
      updateType: 'Software',
      moreInfoUrls: ['https://vendor.example/notes?a=1&b=2'],
      supportUrl: null,
      canSourceBeRequired: null,
      restrictToClientServicingApi: null,
    },
    localizedProperties: [{ language: 'en', title: update.title, description: 'Fixes <things> & "more" é' }],
    updateSpecificData: {
      classification: 'Updates',
      msrcSeverity: null,
      securityBulletinId: null,
      cveIds: [],
      kbArticleId: null,
    },
    isInstallable: null,
    isInstalled: null,
    supersededPackages: update.supersedes,
    prerequisites: [],
    bundledPackages: [],
    installableItems: [
      {
        id: update.packageId.replace(/0$/, '1'),
        applicabilityRules: {
          isInstalled: rule('GreaterThanOrEqualTo'),
          isInstallable: rule('LessThan'),
          isSuperseded: null,
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
          program: installer.fileName,
          arguments: '/S',
          defaultResult: 'Failed',
          rebootByDefault: false,
          returnCodes: [{ code: 0, result: 'Succeeded', reboot: false }],
        },
        originFile: {
          digest: Buffer.from(installer.sha1, 'hex').toString('base64'),
          fileName: installer.fileName,
          sizeBytes: installer.sizeBytes,
          modified: installer.modified,
          originUri: `https://patchpress.lab/content/${installer.sha256}/${encodeURIComponent(installer.fileName)}`,
          sha256: Buffer.from(installer.sha256, 'hex').toString('base64'),
        },
        languages: [],
      },
    ],
  };
  return writeSdp(document);
}

/** Vouches in form only. */
export const formalAttestor: Attestor = {
  attest: (statement) => ({ ...statement, signature: 'c2lnbmF0dXJl' }),
};

export function revisionOf(
  update: UpdateRecord,
  revision: number,
  sdpSha256: string,
  attestor: Attestor,
): RevisionRecord {
  const shared = { packageId: update.packageId, revision, sdpSha256, proofSha256: sha('sha256', 'proof') };
  const { payloadSha256 } = update;
  return {
    ...shared,
    creationDate: creationDateOf(revision),
    reason: revision === 1 ? 'new' : 'asked for',
    attestation: attestor.attest({ ...shared, payloadSha256, decisionId: packageIdOf(999) }),
  };
}

/** Strictly later with each revision. */
export function creationDateOf(revision: number): string {
  return new Date(Date.parse(CREATED) + (revision - 1) * 60_000).toISOString().replace('.000Z', 'Z');
}

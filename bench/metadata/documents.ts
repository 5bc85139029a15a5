import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv5 } from '../../src/core/identity.js';
import type { SoftwareDistributionPackage } from '../../src/core/update.js';
import type { CatalogItem } from '../../src/publishing/configmgr-catalog/build.js';
import { writeSdp } from '../../src/sus/sdp/index.js';

const NAMESPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
const UPDATES_OF_A_PRODUCT = 4;
const PRODUCTS_OF_A_VENDOR = 6;

export const DATES = ['2026-11-24T09:00:00Z', '2026-11-25T09:00:00Z'] as const;

/** An update as the publisher describes one: rules of an EXE, CVEs, what it supersedes. The number decides everything. */
export function packageOf(n: number, creationDate: string): SoftwareDistributionPackage {
  const product = Math.floor(n / UPDATES_OF_A_PRODUCT);
  const version = `${1 + (n % 40)}.${n % 7}.${product % 100}.0`;
  const fileName = `product-${product}-${version}-x64.exe`;
  const sha256 = createHash('sha256').update(fileName).digest();
  const rule = (comparison: 'LessThan' | 'GreaterThanOrEqualTo') =>
    ({
      kind: 'RegSzToVersion',
      key: 'HKEY_LOCAL_MACHINE',
      subkey: `SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Product ${product}_is1`,
      regType32: n % 3 === 0,
      value: 'DisplayVersion',
      comparison,
      data: version,
    }) as const;
  const cveIds = Array.from(
    { length: n % 6 },
    (_, index) => `CVE-2026-${10_000 + ((n * 13 + index) % 80_000)}`,
  );
  return {
    schemaVersion: '1.2',
    properties: {
      packageId: idOf(n),
      creationDate,
      vendorName: 'Patchpress',
      productNames: ['Patchpress Updates'],
      publicationState: 'Published',
      updateType: 'Software',
      moreInfoUrls: [`https://vendor-${product % 500}.example/notes/${version}`],
      supportUrl: null,
      canSourceBeRequired: null,
      restrictToClientServicingApi: null,
    },
    localizedProperties: [
      {
        language: 'en',
        title: `Product ${product} ${version} (x64)`,
        description: `Product ${product} ${version} for 64-bit Windows. ${cveIds.length > 0 ? `Fixes ${cveIds.join(', ')}.` : 'No security fixes are stated.'}`,
      },
    ],
    updateSpecificData: {
      classification: cveIds.length > 0 ? 'Security Updates' : 'Updates',
      msrcSeverity: cveIds.length > 0 ? 'Important' : null,
      securityBulletinId: null,
      cveIds,
      kbArticleId: null,
    },
    isInstallable: null,
    isInstalled: null,
    supersededPackages: Array.from({ length: n % 12 }, (_, index) => idOf(1_000_000 + n * 12 + index)),
    prerequisites: [],
    bundledPackages: [],
    installableItems: [
      {
        id: uuidv5(idOf(n), 'item/0'),
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
          program: fileName,
          arguments: '/VERYSILENT /NORESTART',
          defaultResult: 'Failed',
          rebootByDefault: false,
          returnCodes: [
            { code: 0, result: 'Succeeded', reboot: false },
            { code: 3010, result: 'Succeeded', reboot: true },
          ],
        },
        originFile: {
          digest: createHash('sha1').update(fileName).digest('base64'),
          fileName,
          sizeBytes: 1_000_000 + n,
          modified: '2026-11-20T00:00:00Z',
          originUri: `https://patchpress.example/content/${sha256.toString('hex')}/${fileName}`,
          sha256: sha256.toString('base64'),
        },
        languages: [],
      },
    ],
  };
}

function idOf(n: number): string {
  return uuidv5(NAMESPACE, `update ${n}`);
}

export type StoredItem = Omit<CatalogItem, 'contentCertificate'>;

/** Stores the document of an update by its digest, as the content store does. */
export function storeItem(folder: string, n: number, creationDate: string): StoredItem {
  const sdp = writeSdp(packageOf(n, creationDate));
  const sdpSha256 = createHash('sha256').update(sdp).digest('hex');
  const path = documentPath(folder, sdpSha256);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, sdp);
  const product = Math.floor(n / UPDATES_OF_A_PRODUCT);
  return {
    update: { packageId: idOf(n), productId: `product-${product}`, productName: `Product ${product}` },
    vendor: `Vendor ${Math.floor(product / PRODUCTS_OF_A_VENDOR)}`,
    revision: { creationDate, sdpSha256 },
  };
}

export function documentPath(folder: string, sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256);
}

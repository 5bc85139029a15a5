import { createHash } from 'node:crypto';
import type { ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer } from '../vendor.js';

const HOST = 'raw.githubusercontent.com';

/** One `Installers` entry; its digest is that of the file on the shelf, and made up for other addresses. */
export interface WingetInstaller {
  readonly architecture: 'x86' | 'x64' | 'arm64';
  readonly type: 'wix' | 'exe' | 'inno' | 'nullsoft';
  readonly scope?: 'machine' | 'user';
  readonly url: string;
  readonly productCode?: string;
}

export interface WingetPackage {
  readonly id: string;
  installers(version: string): readonly WingetInstaller[];
}

/** The installer manifests of microsoft/winget-pkgs, one file per version that its vendor has released. */
export function wingetManifests({ id, installers }: WingetPackage): Vendor {
  const folder = `/microsoft/winget-pkgs/master/manifests/${id.charAt(0).toLowerCase()}/${id.replaceAll('.', '/')}`;
  return {
    productId: id,
    hosts: [HOST],
    isSecondVantage: true,
    answer({ path }, shelf): VendorAnswer | null {
      const file = shelf.find(({ fixture }) => path === `${folder}/${fixture.version}/${id}.installer.yaml`);
      if (file === undefined) return null;
      return {
        kind: 'feed',
        contentType: 'text/plain; charset=utf-8',
        body: manifest(id, installers(file.fixture.version), file),
        modified: new Date(file.fixture.releasedAt),
        headers: { 'cache-control': 'max-age=300' },
      };
    },
  };
}

function manifest(id: string, installers: readonly WingetInstaller[], file: ShelfFile): string {
  const { version, releasedAt } = file.fixture;
  // A version that YAML would take for a number is quoted.
  const text = /^\d+(\.\d+)?$/.test(version) ? `"${version}"` : version;
  return `# Created with komac v2.11.2
# yaml-language-server: $schema=https://aka.ms/winget-manifest.installer.1.9.0.schema.json

PackageIdentifier: ${id}
PackageVersion: ${text}
UpgradeBehavior: install
ReleaseDate: ${releasedAt.slice(0, 10)}
Installers:
${installers.map((installer) => entry(installer, file)).join('\n')}
ManifestType: installer
ManifestVersion: 1.9.0
`;
}

function entry({ architecture, type, scope, url, productCode }: WingetInstaller, file: ShelfFile): string {
  const isOurs = url === file.fixture.url;
  const sha256 = isOurs ? file.vantageSha256 : createHash('sha256').update(url).digest('hex');
  const code = productCode ?? file.fixture.installs.msi?.productCode;
  return [
    `- Architecture: ${architecture}`,
    `  InstallerType: ${type}`,
    ...(scope === undefined ? [] : [`  Scope: ${scope}`]),
    `  InstallerUrl: ${url}`,
    `  InstallerSha256: ${sha256.toUpperCase()}`,
    ...(isOurs && code !== undefined ? [`  ProductCode: '${code}'`] : []),
  ].join('\n');
}

import type { Vendor } from '../vendor.js';
import { githubReleases } from './github.js';
import { nodeDist } from './node-dist.js';
import { puttyPage } from './putty-page.js';

const notepadPlusPlus = githubReleases({
  productId: 'Notepad++.Notepad++',
  owner: 'notepad-plus-plus',
  name: 'notepad-plus-plus',
  id: 33014811,
  tagOf: (version) => `v${version}`,
  otherAssets: (version) => [
    `npp.${version}.Installer.arm64.exe`,
    `npp.${version}.Installer.arm64.msi`,
    `npp.${version}.portable.x64.zip`,
    `npp.${version}.checksums.sha256`,
  ],
  otherReleases: [
    { tag: 'v8.9.8-rc1', kind: 'prerelease', publishedAt: '2026-08-10T09:00:00Z' },
    { tag: 'v8.9.6.2', kind: 'release', publishedAt: '2026-05-31T09:00:00Z' },
    { tag: 'v8.9.6', kind: 'release', publishedAt: '2026-05-20T09:00:00Z' },
    { tag: 'v8.9.5', kind: 'release', publishedAt: '2026-05-11T09:00:00Z' },
  ],
});

const keepassxc = githubReleases({
  productId: 'KeePassXCTeam.KeePassXC',
  owner: 'keepassxreboot',
  name: 'keepassxc',
  id: 47071117,
  tagOf: (version) => version,
  otherAssets: (version) => [
    `KeePassXC-${version}-Win64.msi.DIGEST`,
    `KeePassXC-${version}-Win64.msi.sig`,
    `KeePassXC-${version}-Win64.zip`,
  ],
  otherReleases: [
    { tag: '2.8.0', kind: 'draft', publishedAt: '2026-08-18T09:00:00Z' },
    { tag: '2.8.0-beta1', kind: 'prerelease', publishedAt: '2026-07-01T09:00:00Z' },
    { tag: '2.7.10', kind: 'release', publishedAt: '2025-03-04T09:00:00Z' },
    { tag: '2.7.9', kind: 'release', publishedAt: '2024-06-19T09:00:00Z' },
  ],
});

/** Every product that the vendor site serves. */
export const vendors: readonly Vendor[] = [nodeDist, notepadPlusPlus, puttyPage, keepassxc];

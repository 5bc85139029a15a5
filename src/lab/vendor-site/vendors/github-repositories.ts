import { githubReleases } from './github.js';

export const notepadPlusPlus = githubReleases({
  productId: 'Notepad++.Notepad++',
  owner: 'notepad-plus-plus',
  name: 'notepad-plus-plus',
  id: 33014811,
  tagOf: (version) => `v${version}`,
  otherAssets: (version) => [
    `npp.${version}.Installer.exe`,
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

export const keepassxc = githubReleases({
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

export const sevenZip = githubReleases({
  productId: '7zip.7zip',
  owner: 'ip7z',
  name: '7zip',
  id: 466446150,
  tagOf: (version) => version,
  otherAssets: (version) => {
    const stem = `7z${version.replace('.', '')}`;
    return ['.msi', '-x64.exe', '.exe', '-arm64.exe', '-linux-x64.tar.xz', '-src.tar.xz'].map(
      (ending) => `${stem}${ending}`,
    );
  },
  otherReleases: [{ tag: '25.01', kind: 'release', publishedAt: '2025-08-03T09:00:00Z' }],
});

export const winmerge = githubReleases({
  productId: 'WinMerge.WinMerge',
  owner: 'WinMerge',
  name: 'winmerge',
  id: 228567163,
  tagOf: (version) => `v${version}`,
  nameOf: (version) => `WinMerge ${version}`,
  hasDigests: false,
  otherAssets: (version) => [
    `WinMerge-${version}-Setup.exe`,
    `WinMerge-${version}-x64-PerUser-Setup.exe`,
    `WinMerge-${version}-ARM64-Setup.exe`,
    `winmerge-${version}-x64-exe.zip`,
    `winmerge-${version}-full-src.7z`,
  ],
  otherReleases: [
    { tag: 'v2.16.59-beta', kind: 'prerelease', publishedAt: '2026-08-30T09:00:00Z' },
    { tag: 'v2.16.54', kind: 'release', publishedAt: '2026-01-27T09:00:00Z' },
  ],
});

export const git = githubReleases({
  productId: 'Git.Git',
  owner: 'git-for-windows',
  name: 'git',
  id: 23216272,
  tagOf: (version) => `v${version.replace(/\.(\d+)$/, '.windows.$1')}`,
  nameOf: (version) => `Git for Windows v${version.replace(/\.(\d+)$/, '($1)')}`,
  otherAssets: (version) => [
    `Git-${version}-64-bit.tar.bz2`,
    `Git-${version}-arm64.exe`,
    `MinGit-${version}-64-bit.zip`,
    `PortableGit-${version}-64-bit.7z.exe`,
    `pdbs-for-git-64-bit-${version}.1-1.zip`,
  ],
  otherReleases: [{ tag: 'v2.55.0-rc2.windows.1', kind: 'prerelease', publishedAt: '2026-06-10T09:00:00Z' }],
});

/** Two lines side by side: a release of the old one is often newer by its date. */
export const powershell = githubReleases({
  productId: 'Microsoft.PowerShell',
  owner: 'PowerShell',
  name: 'PowerShell',
  id: 49609581,
  tagOf: (version) => `v${version}`,
  nameOf: (version) => `v${version} Release of PowerShell`,
  otherAssets: (version) => [
    'hashes.sha256',
    `powershell-${version}-linux-x64.tar.gz`,
    `PowerShell-${version}-win-arm64.zip`,
    `PowerShell-${version}-win-x64.msi`,
    `PowerShell-${version}-win-x86.msi`,
    `PowerShell-${version}-win.msixbundle`,
  ],
  otherReleases: [
    { tag: 'v7.7.0-preview.3', kind: 'prerelease', publishedAt: '2026-08-25T09:00:00Z' },
    { tag: 'v7.5.9', kind: 'release', publishedAt: '2026-08-20T09:00:00Z' },
  ],
});

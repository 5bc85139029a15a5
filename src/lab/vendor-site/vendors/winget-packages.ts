import { wingetManifests } from './winget.js';

export const sevenZipManifests = wingetManifests({
  id: '7zip.7zip',
  installers: (version) => {
    const at = (ending: string) =>
      `https://github.com/ip7z/7zip/releases/download/${version}/7z${version.replace('.', '')}${ending}`;
    return [
      { architecture: 'x86', type: 'exe', url: at('.exe') },
      { architecture: 'x86', type: 'wix', url: at('.msi') },
      { architecture: 'x64', type: 'exe', url: at('-x64.exe') },
      { architecture: 'x64', type: 'wix', url: at('-x64.msi') },
      { architecture: 'arm64', type: 'exe', url: at('-arm64.exe') },
    ];
  },
});

export const winmergeManifests = wingetManifests({
  id: 'WinMerge.WinMerge',
  installers: (version) => {
    const at = (ending: string) =>
      `https://github.com/WinMerge/winmerge/releases/download/v${version}/WinMerge-${version}${ending}`;
    const productCode = 'WinMerge_is1';
    return [
      { architecture: 'x86', type: 'inno', scope: 'machine', url: at('-Setup.exe') },
      { architecture: 'x64', type: 'inno', scope: 'user', url: at('-x64-PerUser-Setup.exe') },
      { architecture: 'x64', type: 'inno', scope: 'machine', url: at('-x64-Setup.exe'), productCode },
      { architecture: 'arm64', type: 'inno', scope: 'machine', url: at('-ARM64-Setup.exe') },
    ];
  },
});

export const winscpManifests = wingetManifests({
  id: 'WinSCP.WinSCP',
  installers: (version) => {
    const at = (ending: string) =>
      `https://sourceforge.net/projects/winscp/files/WinSCP/${version}/WinSCP-${version}${ending}/download`;
    const productCode = 'winscp3_is1';
    return [
      { architecture: 'x86', type: 'inno', scope: 'user', url: at('-Setup.exe'), productCode },
      { architecture: 'x86', type: 'inno', scope: 'machine', url: at('-Setup.exe'), productCode },
      { architecture: 'x86', type: 'wix', scope: 'machine', url: at('.msi') },
    ];
  },
});

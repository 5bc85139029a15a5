import type { Vendor, VendorAnswer } from '../vendor.js';

/** Releases without a fixture: the feed shows them, their files are not served. From new to old. */
const OTHERS = [
  ['26.5.1', '2026-07-28', false],
  ['26.5.0', '2026-07-08', false],
  ['24.19.0', '2026-07-30', 'Krypton'],
  ['24.18.0', '2026-07-02', 'Krypton'],
  ['22.23.0', '2026-06-17', 'Jod'],
  ['20.20.2', '2026-03-24', 'Iron'],
] as const;

const FILES = [
  'aix-ppc64',
  'headers',
  'linux-arm64',
  'linux-ppc64le',
  'linux-s390x',
  'linux-x64',
  'osx-arm64-tar',
  'osx-x64-pkg',
  'osx-x64-tar',
  'src',
  'win-arm64-7z',
  'win-arm64-zip',
  'win-x64-7z',
  'win-x64-exe',
  'win-x64-msi',
  'win-x64-zip',
];

/** nodejs.org: `dist/index.json`, an array of versions from new to old, and the files beside it. */
export const nodeDist: Vendor = {
  productId: 'OpenJS.NodeJS',
  hosts: ['nodejs.org'],
  answer({ path }, shelf): VendorAnswer | null {
    const file = shelf.find(({ fixture }) => new URL(fixture.url).pathname === path);
    if (file !== undefined) return { kind: 'file', file };
    if (path !== '/dist/index.json') return null;
    const shipped = shelf
      .map(({ fixture }) => [fixture.version, fixture.releasedAt.slice(0, 10), false] as const)
      .reverse();
    const rows = [...shipped, ...OTHERS].map(([version, date, lts]) =>
      JSON.stringify(row(version, date, lts)),
    );
    return {
      kind: 'feed',
      contentType: 'application/json',
      body: `[\n${rows.join(',\n')}\n]\n`,
      modified: new Date(shelf.at(-1)?.fixture.releasedAt ?? 0),
      headers: { 'cache-control': 'public, max-age=300' },
    };
  },
};

function row(version: string, date: string, lts: string | false) {
  const major = version.split('.')[0] ?? '';
  return {
    version: `v${version}`,
    date,
    files: FILES,
    npm: '11.19.0',
    v8: '15.4.31.7',
    uv: '1.53.0',
    zlib: '1.3.2',
    openssl: '3.5.6',
    modules: String(121 + Number(major)),
    lts,
    security: false,
  };
}

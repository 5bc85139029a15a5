import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Release, type ReleaseAsset, statedBySecondVantage } from '../../src/core/release.js';

const asset = (url: string, sha256: string | null): ReleaseAsset => ({
  name: url.split('/').at(-1) ?? '',
  url,
  sizeBytes: null,
  digests: { sha1: null, sha256, sha512: null },
});
const releaseWith = (assets: readonly ReleaseAsset[], version = '26.02'): Release => ({
  version,
  prerelease: false,
  publishedAt: null,
  assets: [],
  notesUrl: null,
  withdrawn: false,
  secondVantage: { type: 'winget', version, assets },
});
const file = (url: string) => ({ url, name: url.split('/').at(-1) ?? '' });
const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

const TABLE: readonly (readonly [string, readonly ReleaseAsset[], string, string | null])[] = [
  ['the same address', [asset('https://a.test/x.msi', A)], 'https://a.test/x.msi', A],
  ['an address spelled otherwise', [asset('https://A.test/x%20y.msi', A)], 'https://a.test/x y.msi', A],
  [
    'the same name elsewhere, which tells the version',
    [asset('https://7-zip.test/a/7z2602-x64.msi', A)],
    'https://github.test/26.02/7z2602-x64.msi',
    A,
  ],
  [
    'a name that anyone could have',
    [asset('https://a.test/x64/setup.exe', A)],
    'https://b.test/x86/setup.exe',
    null,
  ],
  [
    'the address before the name',
    [asset('https://a.test/7z2602.msi', A), asset('https://b.test/7z2602.msi', B)],
    'https://b.test/7z2602.msi',
    B,
  ],
  [
    'one name, two files',
    [asset('https://a.test/7z2602.msi', A), asset('https://b.test/7z2602.msi', B)],
    'https://c.test/7z2602.msi',
    null,
  ],
  [
    'one address twice, as for machine and user',
    [asset('https://a.test/x.msi', A), asset('https://a.test/x.msi', A)],
    'https://a.test/x.msi',
    A,
  ],
  [
    'one address with two digests',
    [asset('https://a.test/x.msi', A), asset('https://a.test/x.msi', B)],
    'https://a.test/x.msi',
    null,
  ],
  ['a file without a digest', [asset('https://a.test/x.msi', null)], 'https://a.test/x.msi', null],
  ['another file', [asset('https://a.test/7z2602.msi', A)], 'https://a.test/7z2602-x64.msi', null],
  ['no files', [], 'https://a.test/x.msi', null],
];

for (const [name, assets, url, sha256] of TABLE) {
  test(`${name}: ${sha256?.slice(0, 4) ?? 'nothing'}`, () => {
    const expected = sha256 === null ? null : { type: 'winget', sha256 };
    assert.deepEqual(statedBySecondVantage(releaseWith(assets), file(url)), expected);
  });
}

test('without a second vantage nothing is stated', () => {
  const { secondVantage: _, ...release } = releaseWith([]);
  assert.equal(statedBySecondVantage(release, file('https://a.test/x.msi')), null);
});

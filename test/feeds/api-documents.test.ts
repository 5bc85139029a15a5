import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../src/core/errors.js';
import { feedReaders, vantagesAt } from '../../src/feeds/index.js';
import { answerOf, read, readerOf, schemeOf, versionsOf } from './answers.js';

const SHA1 = 'a1'.repeat(20);
const SHA256 = 'b2'.repeat(32);
const SHA512 = 'c3'.repeat(64);
const NO_DIGESTS = { sha1: null, sha256: null, sha512: null };

function faultOf(run: () => unknown): PermanentError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PermanentError, String(error));
    return error;
  }
  return assert.fail('no fault');
}

const JETBRAINS = { type: 'jetbrains', code: 'WS', url: 'https://data.test/products/releases?code=WS' };

test('jetbrains: releases of one code, early access marked, the files for Windows', () => {
  const entry = {
    date: '2026-08-13',
    type: 'release',
    version: '2026.2.1',
    majorVersion: '2026.2',
    build: '262.8665.1',
    notesLink: 'https://youtrack.test/notes',
    downloads: {
      linux: { link: 'https://dl.test/W.tar.gz', size: 3 },
      windows: { link: 'https://dl.test/W.exe', size: 77, checksumLink: 'https://dl.test/W.exe.sha256' },
      windowsARM64: { link: 'https://dl.test/W-aarch64.exe', size: 'x' },
      windowsZip: null,
    },
  };
  const answer = {
    IIU: [{ version: '1' }],
    WS: [{ ...entry, type: 'eap', version: '2026.3' }, entry, 'x', {}],
  };
  const releases = read(JETBRAINS, answer);
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['2026.2.1', false],
      ['2026.3', true],
    ],
  );
  assert.equal(releases[0]?.publishedAt, '2026-08-13T00:00:00.000Z');
  assert.equal(releases[0].notesUrl, 'https://youtrack.test/notes');
  assert.deepEqual(releases[0].assets, [
    { name: 'W.exe', url: 'https://dl.test/W.exe', sizeBytes: 77, digests: NO_DIGESTS },
    { name: 'W-aarch64.exe', url: 'https://dl.test/W-aarch64.exe', sizeBytes: null, digests: NO_DIGESTS },
  ]);
  const { version: _, ...buildOnly } = entry;
  assert.deepEqual(versionsOf(read({ ...JETBRAINS, code: 'TBA' }, { TBA: [buildOnly] })), ['262.8665.1']);
  assert.equal(faultOf(() => read(JETBRAINS, { IIU: [entry], DG: [entry] })).code, 'feed.malformed');
  assert.equal(faultOf(() => read(JETBRAINS, { WS: [] })).code, 'feed.malformed');
});

test('mozilla: the version of one channel', () => {
  const answer = {
    FIREFOX_AURORA: '',
    FIREFOX_DEVEDITION: '127.0b9',
    FIREFOX_ESR: '115.11.0esr',
    LATEST_FIREFOX_VERSION: ' 126.0.1 ',
    LAST_RELEASE_DATE: 7,
  };
  const of = (key: string) => read({ type: 'mozilla-product-details', key }, answer, 'letters');
  assert.deepEqual(versionsOf(of('LATEST_FIREFOX_VERSION')), ['126.0.1']);
  assert.deepEqual(versionsOf(of('FIREFOX_ESR')), ['115.11.0esr']);
  assert.equal(of('FIREFOX_ESR')[0]?.prerelease, false);
  assert.equal(of('FIREFOX_DEVEDITION')[0]?.prerelease, true);
  for (const key of ['FIREFOX_AURORA', 'LAST_RELEASE_DATE', 'NOT_THERE'])
    assert.equal(faultOf(() => of(key)).code, 'feed.malformed', key);
  assert.equal(faultOf(() => of('__proto__')).code, 'definition.invalid');
});

test('chrome: one release per version, with when it began to be served', () => {
  const served = (version: string, startTime: string, fraction: number) => ({
    name: `chrome/platforms/win64/channels/stable/versions/${version}/releases/1`,
    serving: { startTime },
    fraction,
    version,
    fractionGroup: '1',
  });
  const answer = {
    releases: [
      served('151.0.2', '2026-08-20T17:00:00.5Z', 0.05),
      served('151.0.2', '2026-08-19T17:00:00Z', 1),
      served('151.0.10', '2026-08-18T17:00:00Z', 1),
      { version: 5 },
    ],
    nextPageToken: '',
  };
  const feed = { type: 'chrome-versionhistory', path: '$.releases[0].version', product: 'chrome' };
  const releases = read(feed, answer);
  assert.deepEqual(versionsOf(releases), ['151.0.2', '151.0.10']);
  assert.equal(releases[0]?.publishedAt, '2026-08-20T17:00:00.500Z');
  assert.deepEqual(versionsOf(read({ ...feed, path: undefined, order: 'max' }, answer)), [
    '151.0.10',
    '151.0.2',
  ]);
  assert.equal(
    faultOf(() => read(feed, { error: { code: 404, message: 'Not found' } })).code,
    'feed.malformed',
  );
});

test('vscode: what people see, never the commit; its file with both digests', () => {
  const answer = {
    url: 'https://update.test/stable/VSCodeSetup-x64-1.99.3.exe',
    name: '1.99.3',
    version: SHA1,
    productVersion: '1.99.3',
    hash: SHA1,
    timestamp: 1744761595367,
    sha256hash: SHA256.toUpperCase(),
    supportsFastUpdate: true,
  };
  const feed = { type: 'vscode-update', path: '$.productVersion' };
  const expected = {
    version: '1.99.3',
    prerelease: false,
    publishedAt: '2025-04-15T23:59:55.367Z',
    assets: [
      {
        name: 'VSCodeSetup-x64-1.99.3.exe',
        url: answer.url,
        sizeBytes: null,
        digests: { ...NO_DIGESTS, sha1: SHA1, sha256: SHA256 },
      },
    ],
    notesUrl: null,
    withdrawn: false,
  };
  assert.deepEqual(read(feed, answer), [expected]);
  assert.deepEqual(read({ type: 'vscode-update' }, { ...answer, productVersion: '' }), [expected]);
  assert.equal(faultOf(() => read(feed, '')).found, 'nothing');
});

const DOTNET = { type: 'dotnet-releases', url: 'https://dotnet.test/8.0/releases.json' };

test('dotnet: each part has its version, with date, notes and the files for Windows', () => {
  const file = (name: string, rid: string, hash = SHA512) => ({
    name,
    rid,
    url: `https://dl.test/${name}`,
    hash,
  });
  const answer = {
    'channel-version': '8.0',
    'latest-runtime': '8.0.2',
    'latest-sdk': '8.0.102',
    releases: [
      {
        'release-date': '2026-07-14',
        'release-version': '8.0.2',
        'release-notes': 'https://notes.test/8.0.2',
        runtime: {
          version: '8.0.2',
          files: [file('r-win-x64.exe', 'win-x64'), file('r-linux.tar.gz', 'linux-x64')],
        },
        sdk: { version: '8.0.102', files: [file('sdk-win-arm64.exe', 'win-arm64', 'short')] },
        sdks: [{ version: '8.0.102' }, { version: '8.0.201', files: [] }],
        'aspnetcore-runtime': { version: '8.0.2', files: [file('dotnet-hosting-win.exe', '')] },
        windowsdesktop: null,
      },
      { 'release-date': '2026-06-09', 'release-version': '8.0.1', runtime: { version: '8.0.1' }, sdk: 'x' },
      {
        'release-date': '2023-10-10',
        'release-version': '8.0.0-rc.2',
        runtime: { version: '8.0.0-rc.2.23479.6' },
      },
    ],
  };
  const of = (path: string) => read({ ...DOTNET, path }, answer, 'semver');
  const runtime = of('$.latest-runtime');
  assert.deepEqual(versionsOf(runtime), ['8.0.2', '8.0.1', '8.0.0-rc.2.23479.6']);
  assert.equal(runtime[2]?.prerelease, true);
  assert.deepEqual(runtime[0], {
    version: '8.0.2',
    prerelease: false,
    publishedAt: '2026-07-14T00:00:00.000Z',
    assets: [
      {
        name: 'r-win-x64.exe',
        url: 'https://dl.test/r-win-x64.exe',
        sizeBytes: null,
        digests: { ...NO_DIGESTS, sha512: SHA512 },
      },
    ],
    notesUrl: 'https://notes.test/8.0.2',
    withdrawn: false,
  });
  assert.deepEqual(versionsOf(of('$.latest-sdk')), ['8.0.102', '8.0.201']);
  assert.equal(
    of("$.releases[0]['aspnetcore-runtime'].version")[0]?.assets[0]?.name,
    'dotnet-hosting-win.exe',
  );
  assert.equal(faultOf(() => of('$.releases[0].windowsdesktop.version')).code, 'feed.malformed');
});

test('dotnet: the index tells of the channel that is meant, and of no other', () => {
  const channel = (version: string) => ({
    'channel-version': version,
    'latest-release': `${version}.30`,
    'latest-release-date': '2026-07-14',
    'latest-runtime': `${version}.30`,
    'latest-sdk': `${version}.424`,
  });
  const answer = { 'releases-index': [channel('9.0'), channel('8.0')] };
  const path = "$.releases-index[?(@.channel-version=='8.0')].latest-sdk";
  const releases = read({ ...DOTNET, path }, answer);
  assert.deepEqual(
    releases.map(({ version, publishedAt }) => [version, publishedAt]),
    [['8.0.424', '2026-07-14T00:00:00.000Z']],
  );
});

const WINGET = { type: 'winget', id: 'Vendor.App' };
const REST = {
  Data: {
    PackageIdentifier: 'Vendor.App',
    Versions: [
      {
        PackageVersion: '1.9.0',
        DefaultLocale: { PackageLocale: 'en-US', ReleaseNotesUrl: 'https://vendor.test/notes' },
        Installers: [
          {
            InstallerUrl: 'https://dl.test/a.msi',
            InstallerSha256: SHA256.toUpperCase(),
            ReleaseDate: '2026-05-06',
          },
        ],
      },
      { PackageVersion: 7 },
      { PackageVersion: '1.10.0', Channel: 'beta', Installers: [{ InstallerUrl: 'file:///etc/passwd' }] },
    ],
  },
};

test('winget: a manifest of installers, of a locale, or all in one', () => {
  const installers = `PackageIdentifier: Vendor.App
PackageVersion: 26.10
ReleaseDate: 2026-05-06
InstallerType: wix
Installers:
- Architecture: x64
  InstallerUrl: https://dl.test/a.msi
  InstallerSha256: ${SHA256.toUpperCase()}
- InstallerSha256: none
`;
  const [release] = read(WINGET, installers);
  assert.deepEqual(release, {
    version: '26.10',
    prerelease: false,
    publishedAt: '2026-05-06T00:00:00.000Z',
    assets: [
      {
        name: 'a.msi',
        url: 'https://dl.test/a.msi',
        sizeBytes: null,
        digests: { ...NO_DIGESTS, sha256: SHA256 },
      },
    ],
    notesUrl: null,
    withdrawn: false,
  });
  const whole = `${installers}ReleaseNotesUrl: https://vendor.test/notes\nManifestType: merged\n`;
  assert.equal(read({ type: 'winget' }, whole)[0]?.notesUrl, 'https://vendor.test/notes');
  assert.match(faultOf(() => read({ ...WINGET, id: 'Vendor.Other' }, installers)).found ?? '', /Vendor\.App/);
});

test('winget: the versions of a REST source, and of a package folder', () => {
  assert.deepEqual(
    read(WINGET, REST).map(({ version, prerelease, notesUrl, assets }) => [
      version,
      prerelease,
      notesUrl,
      assets.length,
    ]),
    [
      ['1.9.0', false, 'https://vendor.test/notes', 1],
      ['1.10.0', true, null, 0],
    ],
  );
  const folder = ['1.9', '1.10', '.validation', 'Beta'].map((name) => ({ name, type: 'dir' }));
  assert.deepEqual(versionsOf(read(WINGET, [...folder, { name: '2.0', type: 'file' }])), ['1.10', '1.9']);
  assert.equal(
    readerOf('winget').request({ type: 'winget', id: '7zip.7zip' }).url,
    'https://api.github.com/repos/microsoft/winget-pkgs/contents/manifests/7/7zip/7zip',
  );
});

test('winget: the second vantage at an address of the settings', () => {
  const vantage = vantagesAt({ baseUrl: 'https://winget.corp.test/api', shape: 'rest' }).get('winget');
  const mirror = vantagesAt({ baseUrl: 'https://mirror.test/m', shape: 'manifests' }).get('winget');
  assert.ok(vantage !== undefined && mirror !== undefined);
  assert.equal(
    vantage.request(WINGET, '1.9.0').url,
    'https://winget.corp.test/api/packageManifests/Vendor.App?Version=1.9.0',
  );
  assert.equal(
    mirror.request(WINGET, '1.9.0').url,
    'https://mirror.test/m/v/Vendor/App/1.9.0/Vendor.App.installer.yaml',
  );
  const said = vantage.parse(answerOf(REST), WINGET, '1.9.0');
  assert.deepEqual(
    said.assets.map(({ digests }) => digests.sha256),
    [SHA256],
  );
  assert.equal(faultOf(() => vantage.parse(answerOf(REST), WINGET, '2.0')).code, 'feed.malformed');
});

const NAMES = [
  'tag_name name version assets links url releases releases-index runtime sdk files WS downloads windows link',
  'response app appid updatecheck manifest packages package Data Versions PackageVersion PackageIdentifier Installers',
  'productVersion latest-runtime commit serving LATEST_FIREFOX_VERSION __proto__ length constructor',
].flatMap((line) => line.split(' '));
const FEEDS = [
  ...[...feedReaders.keys()]
    .filter((type) =>
      /^(?:git|electron|squirrel|omaha|jetbrains|chrome|vscode|dotnet|winget|appcast|source)/.test(type),
    )
    .map((type) => ({ type })),
  { type: 'mozilla-product-details', key: 'LATEST_FIREFOX_VERSION' },
  { type: 'dotnet-releases', path: '$..version' },
  { type: 'github-releases', path: '$..name', assetPattern: '(\\d+)' },
];

test('whatever is answered is read or refused, and nothing else', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>('1.2', 'v1.2', '', 'https://a.test/b', null, true, -1, 1e300, 7),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...NAMES), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const markup = fc
    .array(
      fc.constantFrom(
        '<response>',
        '</response>',
        '<app appid="x">',
        '</app>',
        '<updatecheck>',
        '<manifest version="1">',
        `${SHA1} A-1.0.nupkg 5\n`,
        'version: 1\n',
        'files:\n',
        '- url: x\n',
        'PackageVersion: 1\n',
        ")]}'\n",
        '{',
        '[',
        '&a *a',
        '\0',
        '<rss>',
        '<item>',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  const body = fc.oneof(
    tree.map((value) => JSON.stringify(value) ?? ''),
    markup,
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...FEEDS), body, (feed, text) => {
      try {
        for (const release of readerOf(feed.type).parse(answerOf(text), feed, schemeOf('letters'))) {
          assert.notEqual(release.version.trim(), '');
          for (const { url } of release.assets) assert.match(url, /^https?:\/\//);
        }
      } catch (error) {
        assert.ok(error instanceof PermanentError, `${feed.type}: ${String(error)}`);
        assert.match(error.code, /^feed\./);
      }
    }),
    { seed: 20261128, numRuns: 3000 },
  );
});

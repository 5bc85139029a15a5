import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import type { FeedDefinition } from '../../src/core/product.js';
import type { FeedResponse } from '../../src/core/release.js';
import { answerOf, read, readerOf, schemeOf, versionsOf } from './answers.js';

const HEX = { sha1: 'a1'.repeat(20), sha256: 'b2'.repeat(32), sha512: 'c3'.repeat(64) } as const;
const NO_DIGESTS = { sha1: null, sha256: null, sha512: null };

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

function faultOf(run: () => unknown): PermanentError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PermanentError, String(error));
    return error;
  }
  return assert.fail('no fault');
}

const ELECTRON = { type: 'electron-updater', url: 'https://vendor.test/win/latest.yml' };

test('electron-updater: files relative to the document, digests from base64, and the older form', () => {
  const document = `version: 2.10.0
files:
  - {url: "App Setup 2.10.0.exe", sha512: "${base64(HEX.sha512)}", size: 82608555, blockMapSize: 1}
  - {url: "https://cdn.test/arm/App.exe", sha512: short}
path: App Setup 2.10.0.exe
sha2: ${HEX.sha256}
stagingPercentage: 10
releaseDate: '2026-03-28T17:11:10.668Z'
`;
  const [release, ...more] = readerOf('electron-updater').parse(
    answerOf(document, { finalUrl: 'https://vendor.test/win/latest.yml' }),
    ELECTRON,
    schemeOf('numeric'),
  );
  assert.deepEqual(more, []);
  assert.equal(release?.version, '2.10.0');
  assert.equal(release.publishedAt, '2026-03-28T17:11:10.668Z');
  assert.deepEqual(release.assets, [
    {
      name: 'App Setup 2.10.0.exe',
      url: 'https://vendor.test/win/App%20Setup%202.10.0.exe',
      sizeBytes: 82608555,
      digests: { sha1: null, sha256: HEX.sha256, sha512: HEX.sha512 },
    },
    { name: 'App.exe', url: 'https://cdn.test/arm/App.exe', sizeBytes: null, digests: NO_DIGESTS },
  ]);
  const [older] = read(ELECTRON, `version: 1.10\npath: a.exe\nsha512: ${base64(HEX.sha512)}\n`);
  assert.equal(older?.version, '1.10');
  assert.deepEqual(older.assets[0]?.digests, { ...NO_DIGESTS, sha512: HEX.sha512 });
});

test('electron-updater: a pattern where people see another version; a beta; no version', () => {
  const pattern = 'App-([\\w.-]+)-win-x64\\.exe';
  assert.deepEqual(
    versionsOf(read({ ...ELECTRON, pattern }, 'version: 9.9.9\npath: App-1.2.3-win-x64.exe')),
    ['1.2.3'],
  );
  assert.equal(read(ELECTRON, 'version: 3.0.0-beta.2', 'semver')[0]?.prerelease, true);
  assert.equal(
    readerOf('electron-updater').request({
      ...ELECTRON,
      url: 'https://v.test/{currentVersion}/latest.yml',
      needsCurrentVersion: true,
    }).url,
    'https://v.test/0.0.0/latest.yml',
  );
  const anchored = 'usual: &u {version: 1.20}\n<<: *u\npath: App.exe\n';
  assert.deepEqual(versionsOf(read(ELECTRON, anchored)), ['1.20']);
  for (const body of [
    'files: []',
    '',
    '[]',
    '<Error><Code>AccessDenied</Code></Error>',
    'version: &a [1, *a]',
  ])
    assert.equal(faultOf(() => read(ELECTRON, body)).code, 'feed.malformed', body);
});

const SQUIRREL = { type: 'squirrel-releases', url: 'https://vendor.test/RELEASES' };

test('squirrel: full packages with sha1 and size, whatever stands around them', () => {
  const lines = [
    `\uFEFF${HEX.sha1.toUpperCase()} My-App2-1.9.0-full.nupkg 1004502`,
    `${HEX.sha1} My-App2-1.10.0-delta.nupkg 80396`,
    `${HEX.sha1}  https://cdn.test/d/My-App2-1.10.0-full.nupkg?sig=1 1040561 # 25%`,
    `${HEX.sha1} My-App2-2.0.0-beta1-full.nupkg 5`,
    'not a line',
  ];
  const releases = read(SQUIRREL, lines.join('\r\n'), 'semver');
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['1.10.0', false],
      ['2.0.0-beta1', true],
      ['1.9.0', false],
    ],
  );
  assert.deepEqual(releases[0]?.assets, [
    {
      name: 'My-App2-1.10.0-full.nupkg',
      url: 'https://cdn.test/d/My-App2-1.10.0-full.nupkg?sig=1',
      sizeBytes: 1040561,
      digests: { ...NO_DIGESTS, sha1: HEX.sha1 },
    },
  ]);
  assert.equal(releases[2]?.assets[0]?.url, 'https://vendor.test/My-App2-1.9.0-full.nupkg');
  const picked = read({ ...SQUIRREL, pattern: '-([\\d.]+)-full', order: 'last' }, lines.join('\n'));
  assert.equal(picked[0]?.version, '1.10.0');
  assert.equal(faultOf(() => read(SQUIRREL, '<html><title>Gone</title>')).found, 'a web page, titled "Gone"');
});

const OMAHA = {
  type: 'omaha',
  url: 'https://update.vendor.test/service/update2',
  appId: '{8A69D345-D564-463C-AFF1-A69D9E530F96}',
};

function omahaXml(check: string, app = OMAHA.appId): string {
  return `<?xml version="1.0"?><response protocol="3.0" server="prod"><daystart/><app appid="{other}" status="ok"><updatecheck status="noupdate"/></app><app appid="${app}" status="ok">${check}</app></response>`;
}

test('omaha: the question is posted and names no one', () => {
  const { url, body, headers } = readerOf('omaha').request({ ...OMAHA, ap: 'x64-stable' });
  assert.equal(url, OMAHA.url);
  assert.match(headers['content-type'] ?? '', /xml/);
  assert.match(
    body ?? '',
    /<app appid="\{8A69D345-[^"]+" version="0\.0\.0" ap="x64-stable" lang="en">\s*<updatecheck/,
  );
  assert.doesNotMatch(body ?? '', /userid|sessionid|requestid|machineid/);
  assert.equal(
    faultOf(() => readerOf('omaha').request({ ...OMAHA, appId: '"/><x' })).code,
    'definition.invalid',
  );
});

test('omaha: the offer in XML, and the same in JSON', () => {
  const xml = omahaXml(
    `<updatecheck status="ok"><urls><url codebase="http://dl.test/a/"/><url codebase="https://dl.test/a"/></urls>
     <manifest version="151.0.1.2"><packages><package name="x 1.exe" hash="${base64(HEX.sha1)}" hash_sha256="${HEX.sha256}" size="77" required="true"/></packages></manifest></updatecheck>`,
    OMAHA.appId.toLowerCase(),
  );
  const json = {
    response: {
      protocol: '3.1',
      app: [
        { appid: '{other}', status: 'ok', updatecheck: { status: 'ok', manifest: { version: '999' } } },
        {
          appid: OMAHA.appId,
          status: 'ok',
          updatecheck: {
            status: 'ok',
            urls: { url: [{ codebase: 'http://dl.test/a/' }, { codebase: 'https://dl.test/a/' }] },
            manifest: {
              version: '151.0.1.2',
              packages: {
                package: [{ name: 'x 1.exe', hash: base64(HEX.sha1), hash_sha256: HEX.sha256, size: 77 }],
              },
            },
          },
        },
      ],
    },
  };
  const expected = {
    version: '151.0.1.2',
    prerelease: false,
    publishedAt: null,
    assets: [
      {
        name: 'x 1.exe',
        url: 'https://dl.test/a/x%201.exe',
        sizeBytes: 77,
        digests: { ...NO_DIGESTS, sha1: HEX.sha1, sha256: HEX.sha256 },
      },
    ],
    notesUrl: null,
    withdrawn: false,
  };
  assert.deepEqual(read(OMAHA, xml), [expected]);
  assert.deepEqual(read(OMAHA, `)]}'\n${JSON.stringify(json)}`), [expected]);
});

test('omaha: a path to every application finds the one that is meant', () => {
  const offer = (version: string) =>
    `<updatecheck status="ok"><manifest version="${version}"/></updatecheck>`;
  const answer = `<response protocol="3.0"><app appid="{x}">${offer('9.9')}</app><app appid="${OMAHA.appId}">${offer('1.2')}</app></response>`;
  const path = '//updatecheck/manifest/@version';
  assert.deepEqual(versionsOf(read({ ...OMAHA, path }, answer)), ['1.2']);
  assert.deepEqual(versionsOf(read({ type: 'omaha', path }, answer)), ['9.9', '1.2']);
});

test('omaha: no update is an answer without a version, anything else a fault', () => {
  assert.deepEqual(read(OMAHA, omahaXml('<updatecheck status="noupdate"/>')), []);
  const none = faultOf(() => read(OMAHA, omahaXml('<updatecheck status="error-internal"/>')));
  assert.equal(none.code, 'feed.no-release');
  assert.match(none.found ?? '', /: error-internal$/);
  assert.equal(
    faultOf(() => read(OMAHA, omahaXml('<updatecheck status="noupdate"/>', '{x}'))).found,
    'no such application',
  );
  assert.equal(faultOf(() => read(OMAHA, '<html/>')).code, 'feed.malformed');
  assert.equal(faultOf(() => read(OMAHA, '{"response": 5}')).code, 'feed.malformed');
});

test('static-download: no version in the answer; its head is enough', () => {
  const reader = readerOf('static-download');
  const feed = { type: 'static-download', url: 'https://vendor.test/setup.exe' };
  assert.equal(reader.isVersionInFile, true);
  assert.deepEqual(reader.request(feed), { url: feed.url, headers: { accept: '*/*' }, headOnly: true });
  assert.deepEqual(read(feed, Buffer.from('MZ\0')), []);
  assert.equal(readerOf('json').isVersionInFile, undefined);
});

test('http-redirect: the address at the end, its file and size, and nothing read', () => {
  const of = (feed: FeedDefinition, finalUrl: string, changes: Partial<FeedResponse> = {}) =>
    readerOf('http-redirect').parse(answerOf('', { finalUrl, ...changes }), feed, schemeOf('numeric'))[0];
  const feed = { type: 'http-redirect', url: 'https://vendor.test/latest', pattern: 'app-([\\d.]+)-x64' };
  assert.equal(readerOf('http-redirect').request(feed).headOnly, true);
  const release = of(feed, 'https://cdn.test/app-3.2.1-x64.msi', { headers: { 'content-length': '99' } });
  assert.equal(release?.version, '3.2.1');
  assert.deepEqual(release.assets, [
    {
      name: 'app-3.2.1-x64.msi',
      url: 'https://cdn.test/app-3.2.1-x64.msi',
      sizeBytes: 99,
      digests: NO_DIGESTS,
    },
  ]);
  assert.deepEqual(of(feed, 'https://cdn.test/app-3.2.1-x64/', { status: 302 })?.assets, []);
  const parts = { ...feed, pattern: '(\\d+\\.)?(\\d+\\.)?(\\*|\\d+)' };
  assert.equal(of(parts, 'https://the.earth.test/~x/putty/0.85/')?.version, '0.85');
  const dashes = { ...feed, pattern: '-(\\d+-\\d+-\\d+)' };
  assert.equal(of(dashes, 'https://cdn.test/setup-2026-2-1.exe')?.version, '2026.2.1');
  assert.equal(of(dashes, 'https://cdn.test/setup-2026-02-01.exe')?.version, '2026-02-01');
  assert.match(faultOf(() => of(feed, 'https://vendor.test/login')).found ?? '', /login/);
});

test('appcast: notes, channels, deltas, systems, and a version with its build', () => {
  const item = (title: string, inner: string) => `<item><title>${title}</title>${inner}</item>`;
  const feed = { type: 'appcast', url: 'https://vendor.test/appcast.xml' };
  const body = `<rss xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle"><channel>
    ${item('2.0', '<sparkle:version>200</sparkle:version><sparkle:shortVersionString>v2.0.1 (200)</sparkle:shortVersionString><sparkle:releaseNotesLink>notes/2.html</sparkle:releaseNotesLink><sparkle:criticalUpdate/><sparkle:minimumSystemVersion>10.0</sparkle:minimumSystemVersion><pubDate>Wed, 04 Mar 2026 10:00:00 UT</pubDate><enclosure url="a-2.0.1.exe" length="1" sparkle:edSignature="x"/><sparkle:deltas><enclosure url="d.delta" sparkle:version="200"/></sparkle:deltas>')}
    ${item('2.1', '<sparkle:channel>beta</sparkle:channel><enclosure url="b.exe" sparkle:version="2.1"/>')}
    ${item('3.0', '<sparkle:os>macos</sparkle:os><enclosure url="m.dmg" sparkle:version="3.0"/>')}
  </channel></rss>`;
  const releases = read(feed, body);
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['2.0.1', false],
      ['2.1', true],
    ],
  );
  assert.equal(releases[0]?.notesUrl, 'https://vendor.test/notes/2.html');
  assert.equal(releases[0].publishedAt, '2026-03-04T10:00:00.000Z');
  assert.deepEqual(
    releases[0].assets.map(({ url }) => url),
    ['https://vendor.test/a-2.0.1.exe'],
  );
});

test('sourceforge: a SHA-1 where there is one, and the size', () => {
  const body = `<rss><channel><item><title><![CDATA[/App/1.2/App-1.2.exe]]></title><link>https://sourceforge.net/projects/app/files/App/1.2/App-1.2.exe/download</link>
    <media:content xmlns:media="http://search.yahoo.com/mrss/" filesize="42"><media:hash algo="md5">x</media:hash><media:hash algo="sha1">${HEX.sha1}</media:hash></media:content></item></channel></rss>`;
  const [release] = read({ type: 'sourceforge-rss', project: 'app' }, body);
  assert.deepEqual(release?.assets, [
    {
      name: 'App-1.2.exe',
      url: 'https://sourceforge.net/projects/app/files/App/1.2/App-1.2.exe/download',
      sizeBytes: 42,
      digests: { ...NO_DIGESTS, sha1: HEX.sha1 },
    },
  ]);
});

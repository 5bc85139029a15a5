import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../src/core/errors.js';
import { vantageReaders } from '../../src/feeds/index.js';
import { winget } from '../../src/feeds/winget/index.js';
import { answerOf, read, readerOf, schemeOf, versionsOf } from './answers.js';

const URL_ = 'https://vendor.test/feed';
const SPARKLE = 'xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle"';
const APPCAST = { type: 'appcast', url: URL_ } as const;
const XML = { type: 'xml', url: URL_, xpath: '//app/version' } as const;
const WINSCP = {
  type: 'sourceforge-rss',
  project: 'winscp',
  path: '/WinSCP',
  pattern: 'WinSCP-(\\d+(?:\\.\\d+)+)-Setup\\.exe',
} as const;

function malformed(found: RegExp, expected?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof PermanentError, String(error));
    assert.equal(error.code, 'feed.malformed');
    assert.match(error.found ?? '', found);
    if (expected !== undefined) assert.match(error.expected ?? '', expected);
    return true;
  };
}

const rss = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0" ${SPARKLE}><channel>${items}</channel></rss>`;

test('appcast: a WinSparkle item with its date, notes and file', () => {
  const [release, ...more] = read(
    APPCAST,
    rss(`<item><title>Version 4.6.8</title>
      <sparkle:releaseNotesLink> https://www.wireshark.org/n.html </sparkle:releaseNotesLink>
      <pubDate>Wed, 12 Aug 2026 17:00:00 +0000</pubDate>
      <enclosure url="https://vendor.test/Wireshark-4.6.8-x64.exe" sparkle:version="4.6.8" sparkle:os="windows"
        length="1" type="application/octet-stream"/></item>`),
  );
  assert.deepEqual(more, []);
  assert.deepEqual(release, {
    version: '4.6.8',
    prerelease: false,
    publishedAt: '2026-08-12T17:00:00.000Z',
    assets: [
      {
        name: 'Wireshark-4.6.8-x64.exe',
        url: 'https://vendor.test/Wireshark-4.6.8-x64.exe',
        sizeBytes: null,
        digests: { sha1: null, sha256: null, sha512: null },
      },
    ],
    notesUrl: 'https://www.wireshark.org/n.html',
    withdrawn: false,
  });
});

const item = (inside: string) => `<item>${inside}</item>`;
const APPCASTS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'the version that people see before the build number',
    item('<enclosure url="a.exe" sparkle:version="191736" sparkle:shortVersionString="4.41.2"/>'),
    ['4.41.2'],
  ],
  [
    'the version in the item instead of on the enclosure',
    item('<sparkle:version>2.1</sparkle:version><enclosure url="a.exe"/>'),
    ['2.1'],
  ],
  ['the version in the title alone', item('<title>App 3.2.1</title><enclosure url="a.exe"/>'), ['3.2.1']],
  [
    'the newest of several, wherever it stands',
    item('<enclosure url="a.exe" sparkle:version="1.9"/>') +
      item('<enclosure url="b.exe" sparkle:version="1.10"/>'),
    ['1.10', '1.9'],
  ],
  [
    'windows-x64 is Windows, other systems are left out',
    item('<enclosure url="a.exe" sparkle:version="1.0" sparkle:os="windows-x64"/>') +
      item('<enclosure url="a.dmg" sparkle:version="2.0" sparkle:os="macos"/>'),
    ['1.0'],
  ],
  [
    'one item for two systems',
    item(
      '<enclosure url="a.dmg" sparkle:version="2.0" sparkle:os="macos"/><enclosure url="a.exe" sparkle:version="1.9" sparkle:os="windows"/>',
    ),
    ['1.9'],
  ],
  [
    'a file of differences is not the file',
    item(
      '<enclosure url="a.exe" sparkle:version="2.0"/><sparkle:deltas><enclosure url="d" sparkle:version="9.0"/></sparkle:deltas>',
    ),
    ['2.0'],
  ],
];
for (const [name, items, versions] of APPCASTS) {
  test(`appcast: ${name}`, () => assert.deepEqual(versionsOf(read(APPCAST, rss(items))), versions));
}

test('appcast: what is for a channel, or called a beta, is a prerelease unless it is followed', () => {
  const items = rss(
    item('<sparkle:channel>beta</sparkle:channel><enclosure url="a.exe" sparkle:version="3.0"/>') +
      item('<title>App 2.0 Beta</title><enclosure url="b.exe" sparkle:version="2.0"/>') +
      item('<title>App 1.0</title><enclosure url="c.exe" sparkle:version="1.0"/>'),
  );
  const marks = (feed: typeof APPCAST & { prerelease?: boolean }) =>
    read(feed, items).map(({ version, prerelease }) => [version, prerelease]);
  assert.deepEqual(marks(APPCAST), [
    ['1.0', false],
    ['3.0', true],
    ['2.0', true],
  ]);
  assert.deepEqual(marks({ ...APPCAST, prerelease: true }), [
    ['3.0', false],
    ['2.0', false],
    ['1.0', false],
  ]);
});

test('an address that wants an older version gets one that is older than all, or the one that is named', () => {
  const url = 'https://vendor.test/{currentVersion}/stable.xml';
  for (const type of ['appcast', 'xml', 'text']) {
    const feed = { type, url, needsCurrentVersion: true, pattern: 'v(.*)' };
    assert.equal(readerOf(type).request(feed).url, 'https://vendor.test/0.0.0/stable.xml');
    const named = readerOf(type).request({ ...feed, currentVersion: '4.4.0' });
    assert.equal(named.url, 'https://vendor.test/4.4.0/stable.xml');
  }
});

const file = (path: string, more = '') => `<item><title><![CDATA[${path}]]></title>
  <link>https://sourceforge.net/projects/winscp/files${path}/download</link>
  <pubDate>Wed, 25 Mar 2026 08:18:00 UT</pubDate>${more}</item>`;
const MEDIA =
  '<media:content xmlns:media="http://video.search.yahoo.com/mrss/" filesize="11500000" url="x"><media:hash algo="md5">00</media:hash></media:content>';

test('sourceforge: the files of a project, versions by their paths', () => {
  const [newest, ...older] = read(
    WINSCP,
    rss(
      [
        file('/WinSCP/6.5.5/WinSCP-6.5.5-Setup.exe'),
        file('/WinSCP/6.6.1.beta/WinSCP-6.6.1.beta-Setup.exe'),
        file('/WinSCP/6.5.6/WinSCP-6.5.6-Portable.zip'),
        file('/WinSCP/6.5.6/WinSCP-6.5.6-Setup.exe', MEDIA),
      ].join(''),
    ),
  );
  assert.deepEqual(versionsOf(older), ['6.5.5']);
  assert.deepEqual(newest, {
    version: '6.5.6',
    prerelease: false,
    publishedAt: '2026-03-25T08:18:00.000Z',
    assets: [
      {
        name: 'WinSCP-6.5.6-Setup.exe',
        url: 'https://sourceforge.net/projects/winscp/files/WinSCP/6.5.6/WinSCP-6.5.6-Setup.exe/download',
        sizeBytes: 11_500_000,
        digests: { sha1: null, sha256: null, sha512: null },
      },
    ],
    notesUrl: null,
    withdrawn: false,
  });
});

test('sourceforge: the folder in the address, encoded once', () => {
  const address = (path?: string) =>
    readerOf('sourceforge-rss').request({ type: 'sourceforge-rss', project: 'p', ...(path && { path }) }).url;
  assert.equal(address(), 'https://sourceforge.net/projects/p/rss');
  assert.equal(address('/WinSCP'), 'https://sourceforge.net/projects/p/rss?path=/WinSCP');
  assert.equal(address('/KeePass 2.x'), 'https://sourceforge.net/projects/p/rss?path=/KeePass%202.x');
  assert.equal(address('VeraCrypt%201.24'), 'https://sourceforge.net/projects/p/rss?path=/VeraCrypt%201.24');
  assert.equal(address('/a&b#c'), 'https://sourceforge.net/projects/p/rss?path=/a%26b%23c');
});

test('sourceforge: no file that fits, and no RSS, are told apart', () => {
  assert.throws(
    () => read(WINSCP, rss(file('/WinSCP/readme.txt'))),
    malformed(/^1 files: \/WinSCP\/readme\.txt/, /a file like WinSCP/),
  );
  assert.throws(() => read(WINSCP, '<html><body>Moved</body></html>'), malformed(/the root html/));
  assert.throws(
    () => read(WINSCP, '<!doctype html><title>Moved<br>'),
    malformed(/a web page, titled "Moved"/),
  );
});

test('xml: the newest by its place, as the vendor orders them', () => {
  const feed = {
    type: 'xml',
    url: URL_,
    xpath: "//UpdaterData/bundle[id='Editor/x64' or @id='Editor/x64']/update[last()]/version",
  };
  const updates = (...versions: readonly string[]) =>
    versions.map((version) => `<update><version>${version}</version></update>`).join('');
  const document = `<UpdaterData><bundle id="Editor/x64">${updates('10.6.0.396', '11.0.1.0')}</bundle>
    <bundle id="Tools/x64">${updates('12.0')}</bundle></UpdaterData>`;
  assert.deepEqual(versionsOf(read(feed, document)), ['11.0.1.0']);
});

const DOCUMENTS: readonly (readonly [string, Buffer | string, Record<string, string>])[] = [
  ['in UTF-8 with a byte-order mark', Buffer.from('\ufeff<app><version>1.2</version><n>Ä</n></app>'), {}],
  [
    'in UTF-16',
    Buffer.from('\ufeff<?xml version="1.0" encoding="utf-16"?><app><version>1.2</version></app>', 'utf16le'),
    {},
  ],
  [
    'in the character set that it declares',
    Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><app><version>1.2</version><n>Ä</n></app>',
      'latin1',
    ),
    {},
  ],
  [
    'in the character set of the header',
    Buffer.from('<app><version>1.2</version><n>Ä</n></app>', 'latin1'),
    { 'content-type': 'text/xml; charset=iso-8859-1' },
  ],
  [
    'with a stylesheet and a document type',
    '<?xml version="1.0"?>\n<?xml-stylesheet href="a.xsl"?>\n<!DOCTYPE app SYSTEM "a.dtd">\n<app><version>1.2</version></app>',
    {},
  ],
];
for (const [name, body, headers] of DOCUMENTS) {
  test(`xml: a document ${name}`, () => {
    const releases = readerOf('xml').parse(answerOf(body, { headers }), XML, schemeOf('numeric'));
    assert.deepEqual(versionsOf(releases), ['1.2']);
  });
}

const BROKEN: readonly (readonly [string, string | Buffer, RegExp])[] = [
  [
    'entities that expand',
    '<!DOCTYPE a [<!ENTITY b "1.2">]><app><version>&b;</version></app>',
    /XML, beginning/,
  ],
  ['a file from outside', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><app/>', /XML, beginning/],
  ['an open element', '<app><version>1.2</app>', /XML, beginning/],
  ['nothing', '', /^nothing/],
  ['bytes', Buffer.from([1, 2, 0, 3]), /a binary file/],
  ['depth without end', `${'<app>'.repeat(500)}<version>1</version>${'</app>'.repeat(500)}`, /XML/],
  ['no version at the path', '<app><other/></app>', /0 texts there/],
];
for (const [name, body, found] of BROKEN) {
  test(`xml: ${name} is refused and told`, () => assert.throws(() => read(XML, body), malformed(found)));
}

test('xml: an element or an attribute at the end of a path, and a pattern on it', () => {
  const feed = { ...XML, xpath: '//enclosure/url', pattern: '(\\d+(?:\\.\\d+)+)' };
  assert.deepEqual(versionsOf(read(feed, '<rss><enclosure url="https://a.test/app-9.5.3.msi"/></rss>')), [
    '9.5.3',
  ]);
  assert.deepEqual(
    versionsOf(read({ type: 'xml', url: URL_, pattern: 'Version ([\\d.]+)' }, '<a>Version 1.5</a>')),
    ['1.5'],
  );
  assert.throws(
    () => readerOf('xml').request({ type: 'xml', url: URL_ }),
    (error) => error instanceof PermanentError && /needs xpath or pattern/.test(error.found ?? ''),
  );
});

test('text: the first line of a status file', () => {
  const feed = { type: 'text', url: URL_, pattern: '^(\\d+(?:\\.\\d+)+)\\s' };
  assert.deepEqual(versionsOf(read(feed, '3.0.23\nhttps://get.test/vlc/3.0.23/vlc.exe\nnotes\n')), [
    '3.0.23',
  ]);
  assert.throws(() => read(feed, 'soon'), malformed(/text, beginning with "soon"/));
});

test('http-redirect: the version in the address that is reached', () => {
  const feed = { type: 'http-redirect', url: URL_, pattern: '/release/inkscape-(\\d+(?:\\.\\d+)+)/' };
  const at = (finalUrl: string) =>
    readerOf('http-redirect').parse(answerOf('', { finalUrl }), feed, schemeOf('numeric'));
  assert.deepEqual(versionsOf(at('https://inkscape.org/release/inkscape-1.4.4/')), ['1.4.4']);
  assert.throws(() => at('https://inkscape.org/login'), malformed(/inkscape\.org\/login/));
});

const WINGET = { type: 'winget', id: '7zip.7zip' } as const;

test('winget: the address of a version, which never leaves its place', () => {
  const folder = 'https://raw.githubusercontent.com/microsoft/winget-pkgs/master/manifests';
  const address = (id: string, version: string) => winget.request({ type: 'winget', id }, version).url;
  assert.equal(address('7zip.7zip', '26.02'), `${folder}/7/7zip/7zip/26.02/7zip.7zip.installer.yaml`);
  assert.equal(
    address('Notepad++.Notepad++', '8.9.7'),
    `${folder}/n/Notepad%2B%2B/Notepad%2B%2B/8.9.7/Notepad%2B%2B.Notepad%2B%2B.installer.yaml`,
  );
  assert.equal(address('A.B', '../../1/x?y#z'), `${folder}/a/A/B/..%2F..%2F1%2Fx%3Fy%23z/A.B.installer.yaml`);
  assert.throws(() => address('A.B', '..'), PermanentError);
  for (const id of ['A', 'A..B', 'A/B.C', 'A.B ', '../A.B'])
    assert.throws(() => address(id, '1.0'), PermanentError, id);
});

test('winget: texts stay texts, also without quotes', () => {
  const manifest = 'PackageIdentifier: 7zip.7zip\nPackageVersion: 26.10\nInstallers: []\n';
  assert.equal(winget.parse(answerOf(manifest), WINGET, '26.10').version, '26.10');
  assert.throws(
    () => winget.parse(answerOf(manifest), WINGET, '26.1'),
    malformed(/that of 7zip\.7zip 26\.10/),
  );
});

test('winget: a digest that is none is not stated, and an address that is none is no file', () => {
  const manifest = `PackageIdentifier: 7zip.7zip
PackageVersion: "1"
Installers:
- InstallerUrl: https://a.test/a.msi
  InstallerSha256: short
- InstallerUrl: "javascript:alert(1)"
  InstallerSha256: ${'AB'.repeat(32)}
`;
  const { assets } = winget.parse(answerOf(manifest), WINGET, '1');
  assert.deepEqual(
    assets.map(({ url, digests }) => [url, digests.sha256]),
    [['https://a.test/a.msi', null]],
  );
});

test('whatever comes, a reader answers with releases or with a fault of the feed', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        '<rss version="2.0">',
        '<channel>',
        '<item>',
        '<title>',
        '1.2.3',
        '</title>',
        '</item>',
        '</channel>',
        '</rss>',
        '<enclosure url="x" version="1.0"/>',
        '<![CDATA[',
        ']]>',
        '&#x0;',
        '<!DOCTYPE a [',
        'PackageIdentifier: 7zip.7zip\n',
        'PackageVersion: 1.0\n',
        'Installers:\n- InstallerUrl: x\n',
        '*a &a',
        '\u0000',
        '\ufeff',
      ),
      fc.string(),
    ),
    { maxLength: 30 },
  );
  const feeds = [APPCAST, WINSCP, XML, { type: 'text', url: URL_, pattern: '(\\d+\\.\\d+)' }];
  fc.assert(
    fc.property(pieces, (parts) => {
      const response = answerOf(parts.join(''));
      for (const feed of feeds)
        onlyFeedFaults(() => readerOf(feed.type).parse(response, feed, schemeOf('numeric')));
      for (const reader of vantageReaders.values())
        onlyFeedFaults(() => reader.parse(response, WINGET, '1.0'));
    }),
    { seed: 20261124, numRuns: 400 },
  );
});

function onlyFeedFaults(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PermanentError && error.code === 'feed.malformed', String(error));
  }
}

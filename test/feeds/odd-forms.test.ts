import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedDefinition } from '../../src/core/product.js';
import { timeOf } from '../../src/feeds/time.js';
import { answerOf, read, readerOf, schemeOf, versionsOf } from './answers.js';

/** Forms that vendors' answers have besides the usual ones: the versions of each, as they are listed. */
const FORMS: readonly (readonly [string, FeedDefinition, string, readonly string[]])[] = [
  ['a line that ends as in DOS', { type: 'text', pattern: '^([\\d.]+)$' }, '1.2.3\r\n', ['1.2.3']],
  [
    'lines that end as in DOS',
    { type: 'text', pattern: '(?m)^V=([\\d.]+)$' },
    'A=1\r\nV=4.32\r\nB=2',
    ['4.32'],
  ],
  [
    'a comment before the document type',
    { type: 'xml', xpath: '//v' },
    '<?xml version="1.0"?>\n<!-- made - by hand -->\n<!DOCTYPE a SYSTEM "a.dtd">\n<a><v>1.2</v></a>',
    ['1.2'],
  ],
  [
    'elements in the order in which they were added',
    { type: 'xml', xpath: '/metadata/versions/version' },
    '<metadata><versions><version>1.9</version><version>1.10</version></versions></metadata>',
    ['1.10', '1.9'],
  ],
  [
    'tags under several words for a release',
    { type: 'github-releases' },
    JSON.stringify(
      ['v1.2', 'release-1.3', 'releases/v1.4', 'Version 1.5', 'app-1.6'].map((tag_name) => ({ tag_name })),
    ),
    ['1.5', '1.4', '1.3', '1.2'],
  ],
  [
    'prereleases by a letter and a count',
    { type: 'json', path: '$[*]', excludePrerelease: true, versionScheme: 'letters' },
    JSON.stringify(['127.0b9', '128.0a1', '126.0.1', '115.11.0esr', '1.300071.0b1720']),
    ['126.0.1', '115.11.0esr', '1.300071.0b1720'],
  ],
  ['a v before the version', { type: 'json', path: '$[*]' }, '["v20.9.0","v20.10.0"]', ['20.10.0', '20.9.0']],
  ['a version as a list of numbers', { type: 'json', path: '$.v' }, '{"v":[17,48,15]}', ['17.48.15']],
  [
    'a page with other numbers than its file',
    { type: 'html-embedded-json', pattern: '(\\d+(?:\\.\\d+)+)' },
    '<script src="/v1.1.1/x.js"></script><script>d={"files":[{"url":"https://vendor.test/App_5.68.1.msi"}]}</script>',
    ['5.68.1'],
  ],
];

for (const [name, { versionScheme = 'numeric', ...feed }, body, versions] of FORMS) {
  test(name, () =>
    assert.deepEqual(versionsOf(read(feed as FeedDefinition, body, String(versionScheme))), versions),
  );
}

test('links are relative to the base that a page names', () => {
  const page = '<head><base href="/root/?a=1&amp;b=2"></head><a href="app-1.2.msi">app 1.2</a>';
  const selectors = [{ select: 'links', pattern: 'app-([\\d.]+)\\.msi' }, { xpath: '//a' }];
  for (const selector of selectors) {
    const [release] = read({ type: 'html', ...selector }, page);
    assert.equal(release?.assets[0]?.url, 'https://vendor.test/root/app-1.2.msi');
  }
});

test('an address is read as it is written, else as people read it', () => {
  const finalUrl = 'https://vendor.test/App%20Setup%201.2.3.exe';
  for (const pattern of ['App Setup ([\\d.]+)\\.exe', 'App%20Setup%20([\\d.]+)\\.exe']) {
    const feed = { type: 'http-redirect', pattern };
    const releases = readerOf('http-redirect').parse(answerOf('', { finalUrl }), feed, schemeOf('numeric'));
    assert.deepEqual(versionsOf(releases), ['1.2.3']);
  }
});

test('marks are flags, or in XML texts', () => {
  const xml =
    '<r><i><v>3.0</v><prerelease>true</prerelease></i><i><v>2.0</v><stable>False</stable></i>' +
    '<i><v>1.5</v><yanked>true</yanked></i><i><v>1.0</v><prerelease>false</prerelease></i></r>';
  const marks = read({ type: 'xml', xpath: '//v' }, xml).map((one) => [
    one.version,
    one.prerelease,
    one.withdrawn,
  ]);
  assert.deepEqual(marks, [
    ['1.0', false, false],
    ['3.0', true, false],
    ['2.0', true, false],
    ['1.5', false, true],
  ]);
});

test('digests may say what they are', () => {
  const hex = 'ab'.repeat(32);
  const body = { v: '1.2', url: 'https://vendor.test/a.exe', hash: `SHA256:${hex.toUpperCase()}` };
  assert.equal(read({ type: 'json', path: '$.v' }, body)[0]?.assets[0]?.digests.sha256, hex);
});

const TIMES: readonly (readonly [string | number, string | null])[] = [
  ['January 2nd, 2026', '2026-01-02T00:00:00.000Z'],
  ['Fri, 02 Jan 2026 03:04:05 UT', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05.1234567+02:00', '2026-01-02T01:04:05.123Z'],
  ['2026.1.2', '2026-01-02T00:00:00.000Z'],
  [1767323045, '2026-01-02T03:04:05.000Z'],
  [1767323045.5, '2026-01-02T03:04:05.000Z'],
  ['1767323045000', '2026-01-02T03:04:05.000Z'],
  ['2026-02-30', null],
  ['2026-02-30T10:00:00Z', null],
  ['01/02/2026', null],
  ['', null],
];

for (const [text, time] of TIMES) {
  test(`the time ${text || 'of nothing'}`, () => assert.equal(timeOf(text), time));
}

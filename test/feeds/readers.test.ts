import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeFault, PermanentError } from '../../src/core/errors.js';
import type { FeedDefinition } from '../../src/core/product.js';
import { feedReaders } from '../../src/feeds/index.js';
import { answerOf, read, readerOf, schemeOf, versionsOf } from './answers.js';

const GITHUB = { type: 'github-releases', repo: 'owner/name', tagPattern: '^v(.+)$' } as const;
const JSON_FEED = { type: 'json', url: 'https://vendor.test/feed', path: '$[*].version' } as const;
const HTML = { type: 'html', url: 'https://vendor.test/page', pattern: 'app-(\\d+(?:\\.\\d+)+)' } as const;
const SHA256 = 'ab'.repeat(32);

function faultOf(run: () => unknown): PermanentError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PermanentError, String(error));
    return error;
  }
  return assert.fail('no fault');
}

test('github: a release with its date, notes, files, sizes and digests', () => {
  const [release] = read(GITHUB, [
    {
      tag_name: 'v1.2',
      name: 'App 1.2',
      draft: false,
      prerelease: false,
      published_at: '2026-07-14T10:00:00Z',
      html_url: 'https://github.com/owner/name/releases/tag/v1.2',
      assets: [
        {
          name: 'a.exe',
          size: 5,
          digest: `sha256:${SHA256.toUpperCase()}`,
          browser_download_url: 'https://github.com/a.exe',
          state: 'uploaded',
        },
        {
          name: 'b.exe',
          size: null,
          digest: 'sha256:short',
          browser_download_url: 'https://github.com/b.exe',
        },
        {
          name: 'c.exe',
          size: 1,
          digest: null,
          browser_download_url: 'https://github.com/c.exe',
          state: 'starter',
        },
      ],
    },
  ]);
  const none = { sha1: null, sha256: null, sha512: null };
  assert.deepEqual(release, {
    version: '1.2',
    prerelease: false,
    publishedAt: '2026-07-14T10:00:00.000Z',
    assets: [
      { name: 'a.exe', url: 'https://github.com/a.exe', sizeBytes: 5, digests: { ...none, sha256: SHA256 } },
      { name: 'b.exe', url: 'https://github.com/b.exe', sizeBytes: null, digests: none },
    ],
    notesUrl: 'https://github.com/owner/name/releases/tag/v1.2',
    withdrawn: false,
  });
});

test('github: the newest that is usable first, drafts left out, prereleases and withdrawn ones marked', () => {
  const releases = read(GITHUB, [
    { tag_name: 'v1.9' },
    { tag_name: 'v1.11', prerelease: true },
    { tag_name: 'v1.12', draft: true },
    { tag_name: 'v1.10', name: 'Version 1.10 (WITHDRAWN)' },
    { tag_name: 'angular-v9.0' },
  ]);
  assert.deepEqual(
    releases.map(({ version, prerelease, withdrawn }) => [version, prerelease, withdrawn]),
    [
      ['1.9', false, false],
      ['1.11', true, false],
      ['1.10', false, true],
    ],
  );
});

test('github: the latest endpoint gives one object', () => {
  assert.deepEqual(versionsOf(read({ ...GITHUB, endpoint: 'latest' }, { tag_name: 'v8.9.7' })), ['8.9.7']);
});

test('github: tags with filter, strip, replace, or nothing at all', () => {
  const of = (options: Record<string, unknown>, tag: string) =>
    versionsOf(
      read({ type: 'github-releases', repo: 'o/n', ...options }, [{ tag_name: tag }, { tag_name: 'v0.1' }]),
    )[0];
  assert.equal(of({}, 'v7.1'), '7.1');
  assert.equal(of({ tagStrip: '-' }, '2026-06-11'), '20260611');
  assert.equal(of({ tagPattern: '^REL-(?P<versionUnderscore>.+)$' }, 'REL-18_00_02'), '18.00.02');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a definition's own placeholders.
  const replace = '$1.${2}${none}';
  assert.equal(of({ tagPattern: '^r(\\d+)-(\\d+)$', replace }, 'r7-2'), '7.2');
  assert.equal(of({ tagFilter: 'auth-v', tagPattern: '^auth-v(.+)$' }, 'auth-v3.1'), '3.1');
});

test('github: a product that follows prereleases takes them as releases', () => {
  const [release] = read(
    { ...GITHUB, prerelease: true },
    [{ tag_name: 'v2.0-beta1', prerelease: true }],
    'letters',
  );
  assert.equal(release?.prerelease, false);
});

test('github: no tag fits, and the fault names those that are there', () => {
  const fault = faultOf(() => read(GITHUB, [{ tag_name: 'release-1' }, { tag_name: 'release-2' }]));
  assert.equal(fault.code, 'feed.no-release');
  assert.equal(fault.found, 'release-1, release-2');
  assert.deepEqual(read(GITHUB, []), []);
});

test('github: requests', () => {
  const reader = readerOf('github-releases');
  assert.equal(reader.request(GITHUB).url, 'https://api.github.com/repos/owner/name/releases?per_page=30');
  assert.equal(
    reader.request({ ...GITHUB, endpoint: 'latest' }).url,
    'https://api.github.com/repos/owner/name/releases/latest',
  );
  for (const repo of ['owner', 'a/b/c', '../x/y', 'a/b?c', 'a b/c'])
    assert.equal(faultOf(() => reader.request({ ...GITHUB, repo })).code, 'definition.invalid', repo);
});

test('a web page in place of JSON is named as one', () => {
  const page = '\n<!DOCTYPE html>\n<html><head><title>Site maintenance</title></head></html>';
  for (const feed of [GITHUB, JSON_FEED]) {
    const fault = faultOf(() => read(feed, page));
    assert.equal(fault.code, 'feed.malformed');
    assert.equal(fault.where, 'https://vendor.test/feed');
    assert.equal(fault.found, 'a web page, titled "Site maintenance"');
  }
  assert.equal(faultOf(() => read(JSON_FEED, '<html>')).found, 'a web page');
  assert.match(faultOf(() => read(JSON_FEED, '{"a": [1,')).found ?? '', /^broken JSON, beginning with/);
  assert.match(faultOf(() => read(JSON_FEED, '<rss/>')).found ?? '', /^XML/);
  assert.equal(faultOf(() => read(JSON_FEED, '')).found, 'nothing');
});

test('an answer of another shape is named in words', () => {
  assert.match(
    faultOf(() => read(GITHUB, { message: 'Not Found', status: '404' })).found ?? '',
    /an object with message, status/,
  );
  assert.equal(faultOf(() => read(JSON_FEED, { message: 'moved' })).found, 'an object with message');
  assert.equal(faultOf(() => read(JSON_FEED, [{ version: { major: 1 } }])).found, 'an object with major');
});

test('json: first, last, newest; numbers, nulls, lists and prereleases', () => {
  const entries = ['v1.9', null, 'v1.10', 'v2.0-rc1', 'nightly', 'v1.3'].map((version) => ({ version }));
  const feed = { ...JSON_FEED, pattern: '^v(.+)$' };
  const orders: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, ['1.10', '2.0-rc1', '1.9', '1.3']],
    ['first', ['1.9', '2.0-rc1', '1.10', '1.3']],
    ['last-in-list', ['1.3', '2.0-rc1', '1.10', '1.9']],
    ['max-version', ['1.10', '2.0-rc1', '1.9', '1.3']],
  ];
  for (const [order, versions] of orders)
    assert.deepEqual(versionsOf(read({ ...feed, order }, entries, 'letters')), versions);
  assert.deepEqual(
    read({ ...feed, order: 'max' }, entries, 'letters').map((one) => one.prerelease),
    [false, true, false, false],
  );
  assert.deepEqual(versionsOf(read({ ...feed, excludePrerelease: true }, entries, 'letters')), [
    '1.10',
    '1.9',
    '1.3',
  ]);
  assert.deepEqual(versionsOf(read({ ...JSON_FEED, join: '.' }, [{ version: [17, 48, 15] }])), ['17.48.15']);
  assert.deepEqual(versionsOf(read(JSON_FEED, [{ version: 71822 }])), ['71822']);
});

test('json: a script takes one of those that it has selected, and names by .Keys', () => {
  const node = [
    { version: 'v25.1.0', lts: false },
    { version: 'v24.19.0', lts: 'Krypton' },
    { version: 'v22.1.0', lts: 'Jod' },
  ];
  assert.deepEqual(
    versionsOf(read({ ...JSON_FEED, path: '$[?(@.lts)][0].version', pattern: '^v(.+)$' }, node)),
    ['24.19.0'],
  );
  const sdk = { linux: { '1.5': [] }, windows: { '1.4.357.0': [], '1.4.350.0': [] } };
  assert.deepEqual(versionsOf(read({ ...JSON_FEED, path: '$.windows.Keys[0]' }, sdk)), ['1.4.357.0']);
  assert.deepEqual(versionsOf(read({ ...JSON_FEED, path: '$.windows.Keys' }, sdk)), [
    '1.4.357.0',
    '1.4.350.0',
  ]);
  assert.deepEqual(versionsOf(read({ ...JSON_FEED, path: '$.Keys' }, { Keys: '1.2' })), ['1.2']);
});

test('json: what cannot be used is shown where nothing can', () => {
  const releases = read({ ...JSON_FEED }, [{ version: '2.0-rc1' }, { version: 'soon' }], 'semver');
  assert.deepEqual(versionsOf(releases).toSorted(), ['2.0-rc1', 'soon']);
});

test('json: files and digests, one for each version', () => {
  const feed = {
    ...JSON_FEED,
    path: '$[*].v',
    downloadPath: '$[*].file',
    sha256Path: '$[*].sum',
    order: 'max',
  };
  const [release] = read(feed, [
    { v: '1', file: '/files/app-1.msi', sum: SHA256.toUpperCase() },
    { v: '2', file: 'https://cdn.test/app%202.msi', sum: 'unknown' },
  ]);
  assert.equal(release?.version, '2');
  assert.equal(release.assets[0]?.url, 'https://cdn.test/app%202.msi');
  assert.equal(release.assets[0]?.name, 'app 2.msi');
  assert.equal(release.assets[0]?.digests.sha256, null);
  const one = read({ ...feed, order: undefined }, [
    { v: '1', file: '/files/app-1.msi', sum: SHA256.toUpperCase() },
  ]);
  assert.equal(one[0]?.assets[0]?.url, 'https://vendor.test/files/app-1.msi');
  assert.equal(one[0]?.assets[0]?.digests.sha256, SHA256);
  assert.equal(faultOf(() => read(feed, [{ v: '1', file: 'a' }, { v: '2' }])).code, 'feed.malformed');
});

test('json without a path: a pattern on the text', () => {
  const feed = { type: 'json', url: 'https://vendor.test/update.ini', pattern: '(\\d+(?:\\.\\d+)+)' };
  assert.deepEqual(versionsOf(read(feed, '[app]\nversion=1.4.1.1032\n')), ['1.4.1.1032']);
  assert.equal(faultOf(() => read(feed, 'none')).code, 'feed.malformed');
  assert.equal(
    faultOf(() => read({ type: 'json', url: 'https://vendor.test/x' }, '{}')).code,
    'definition.invalid',
  );
});

test('html: the first on the page, or the newest', () => {
  const page = '<p>app-1.9.0 app-1.10.0 app-1.2.0</p>';
  assert.deepEqual(versionsOf(read(HTML, page)), ['1.9.0', '1.10.0', '1.2.0']);
  assert.deepEqual(versionsOf(read({ ...HTML, order: 'max' }, page)), ['1.10.0', '1.9.0', '1.2.0']);
  assert.deepEqual(versionsOf(read({ ...HTML, order: 'last' }, page)), ['1.2.0', '1.10.0', '1.9.0']);
});

test('html: links that fit all conditions, with every file of the version', () => {
  const page = `
    <a href="/dl/app-2.0-x64.msi">a</a> <a href="/dl/app-2.0-x86.msi">b</a> <a href="/dl/app-2.0-x64.msi">again</a>
    <a href="/dl/app-2.1-x64.exe">c</a> <a href="/old/app-1.0-x64.msi">d</a> app-9.9-x64.msi`;
  const feed = { ...HTML, select: 'links', linkEndsWith: '.msi', linkContains: ['/dl/', 'app'] } as const;
  const [release, ...more] = read(feed, page);
  assert.equal(release?.version, '2.0');
  assert.deepEqual(
    release.assets.map(({ url }) => url),
    ['https://vendor.test/dl/app-2.0-x64.msi', 'https://vendor.test/dl/app-2.0-x86.msi'],
  );
  assert.deepEqual(more, []);
  assert.deepEqual(versionsOf(read({ ...HTML, select: 'links', linkMatches: '^/old/' }, page)), ['1.0']);
  const fault = faultOf(() => read({ ...feed, linkContains: ['/new/'] }, page));
  assert.equal(fault.code, 'feed.malformed');
  assert.match(fault.found ?? '', /with 5 links, 0 of them chosen/);
});

test('html: a page without the text says what it is', () => {
  const fault = faultOf(() => read(HTML, '<html><title>Log in</title></html>'));
  assert.equal(fault.code, 'feed.malformed');
  assert.equal(fault.found, 'a web page, titled "Log in"');
  assert.equal(faultOf(() => read(HTML, Buffer.from([0x4d, 0x5a, 0, 0]))).found, 'a binary file');
});

test('html: other character sets', () => {
  const feed = { ...HTML, pattern: 'Größe (\\d+\\.\\d+)' };
  const latin = {
    body: Buffer.from('Gr\xf6\xdfe 1.5', 'latin1'),
    headers: { 'content-type': 'text/html; charset=ISO-8859-1' },
  };
  assert.deepEqual(versionsOf(readerOf('html').parse(answerOf('', latin), feed, schemeOf('numeric'))), [
    '1.5',
  ]);
  const unknown = {
    body: Buffer.from('Größe 1.6'),
    headers: { 'content-type': 'text/html; charset=nonsense' },
  };
  assert.deepEqual(versionsOf(readerOf('html').parse(answerOf('', unknown), feed, schemeOf('numeric'))), [
    '1.6',
  ]);
});

test('a member with a typing error, or of another type, is a fault of the definition', () => {
  const wrong: readonly FeedDefinition[] = [
    { ...GITHUB, tagPatern: '^v(.+)$' },
    { ...GITHUB, tagPattern: '(' },
    { ...GITHUB, endpoint: 'newest' },
    { ...JSON_FEED, path: '$[' },
    { ...JSON_FEED, url: 'ftp://vendor.test/' },
    { ...JSON_FEED, userAgent: 'a\r\nb' },
    { ...JSON_FEED, path: undefined, complete: false },
    { ...HTML, linkEndsWith: '.msi' },
    { ...HTML, xpath: '//a[' },
    { type: 'html', url: 'https://vendor.test/' },
  ];
  for (const feed of wrong) {
    const fault = faultOf(() => readerOf(feed.type).request(feed));
    assert.equal(fault.code, 'definition.invalid', JSON.stringify(feed));
  }
  assert.match(
    describeFault(faultOf(() => readerOf('github-releases').request(wrong[0] ?? GITHUB))),
    /tagPatern/,
  );
});

test('any bytes are read or refused, and nothing else', () => {
  const feeds = [GITHUB, JSON_FEED, { ...JSON_FEED, path: '$..version' }, HTML, { ...HTML, select: 'links' }];
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.constantFrom('[{"tag_name":"v1.2"}]', '[{"version":"1"}]', 'app-1.0').map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...feeds), body, (feed, bytes) => {
      try {
        for (const { version } of read(feed, bytes)) assert.equal(typeof version, 'string');
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('every reader is named as its folder, and every folder has its reader', () => {
  const folders = readdirSync('src/feeds', { withFileTypes: true }).filter((one) => one.isDirectory());
  assert.deepEqual([...feedReaders.keys()].toSorted(), folders.map(({ name }) => name).toSorted());
});

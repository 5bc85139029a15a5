import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { readRecorded } from '../../../src/app/cli/feed.js';
import { parseResponseHead } from '../../../src/app/cli/response-head.js';
import { PermanentError } from '../../../src/core/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'feed-parse-'));
after(() => rmSync(folder, { recursive: true }));

function recorded(type: string, options: object, body: string | Buffer, head?: string) {
  const response = join(folder, 'response');
  const headers = join(folder, 'headers');
  writeFileSync(response, body);
  if (head !== undefined) writeFileSync(headers, head);
  const given = { type, options: JSON.stringify(options), response };
  return readRecorded(head === undefined ? given : { ...given, headers });
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

test('what is meant comes first, then the others newest first, each as the contract has it', () => {
  const answer = [
    {
      version: '1.2',
      date: '2024-02-03',
      files: [{ url: '/a-1.2.msi', size: 5, sha512: `${'A'.repeat(86)}==` }],
    },
    { version: '2.0-beta', date: '2024-03-01' },
    { version: '1.10', notes: 'https://vendor.test/1.10' },
  ];
  const { releases } = recorded(
    'json',
    { path: '$[*].version', order: 'last-in-list' },
    JSON.stringify(answer),
  );
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['1.10', false],
      ['2.0-beta', true],
      ['1.2', false],
    ],
  );
  assert.deepEqual(releases[0]?.notesUrl, 'https://vendor.test/1.10');
  assert.deepEqual(releases[2], {
    version: '1.2',
    prerelease: false,
    publishedAt: '2024-02-03T00:00:00.000Z',
    assets: [
      {
        name: 'a-1.2.msi',
        url: 'a-1.2.msi',
        size: 5,
        digests: { sha1: null, sha256: null, sha512: '0'.repeat(128) },
      },
    ],
    notesUrl: null,
    withdrawn: false,
  });
});

test('the head says where the answer came from', () => {
  const options = { path: '$.version', url: 'https://vendor.test/a/feed.json' };
  const body = JSON.stringify({ version: '1.2', url: 'x-1.2.exe' });
  const urlOf = (head?: string) => recorded('json', options, body, head).releases[0]?.assets[0]?.url;
  assert.equal(urlOf(), 'https://vendor.test/a/x-1.2.exe');
  assert.equal(
    urlOf('HTTP/2 200\r\nX-Final-Url: https://cdn.test/b/feed.json\r\n\r\n'),
    'https://cdn.test/b/x-1.2.exe',
  );
  assert.equal(
    urlOf('HTTP/1.1 302 Found\nLocation: /c/feed.json\n\nHTTP/1.1 200 OK\nContent-Type: text/plain\n'),
    'https://vendor.test/c/x-1.2.exe',
  );
  const redirect = recorded(
    'http-redirect',
    { pattern: 'app-([\\d.]+)\\.exe', url: 'https://vendor.test/latest' },
    '',
    'HTTP/1.1 302 Found\r\nLocation: https://cdn.test/app-4.2.exe\r\n\r\n',
  );
  assert.equal(redirect.releases[0]?.version, '4.2');
});

test('a head is read as it was received', () => {
  assert.deepEqual(
    { ...parseResponseHead('HTTP/1.1 200\nETag: "a:b"\n', 'https://vendor.test/').headers },
    { etag: '"a:b"' },
  );
  for (const end of ['\r\n', '\n', '\r', '\r\r\n']) {
    const lines = ['HTTP/1.1 302 Found', 'Location: /b', '', 'HTTP/1.1 200 OK', 'ETag: "b"', '', ''];
    const { status, finalUrl, headers } = parseResponseHead(lines.join(end), 'https://vendor.test/a');
    assert.deepEqual([status, finalUrl, headers.etag], [200, 'https://vendor.test/b', '"b"']);
  }
  for (const head of ['', '200 OK', 'HTTP/1.1 200 OK\nno field', 'HTTP/1.1 302 Found\nLocation: http://[']) {
    assert.equal(faultOf(() => parseResponseHead(head, 'https://vendor.test/')).code, 'feed.malformed', head);
  }
});

test('an answer without a version, or none at all, says so', () => {
  assert.match(recorded('static-download', {}, 'MZ').note ?? '', /it comes from the file/);
  const unchanged = recorded('text', { pattern: '(\\d+)' }, '', 'HTTP/1.1 304 Not Modified\n');
  assert.deepEqual(unchanged, { releases: [], note: 'the feed has not changed' });
  const refused = faultOf(() => recorded('text', { pattern: '(\\d+)' }, '404', 'HTTP/1.1 404 Not Found\n'));
  assert.deepEqual([refused.code, refused.found], ['feed.refused', '404']);
});

const REFUSED: readonly (readonly [string, string, object, RegExp])[] = [
  ['an unknown type', 'gopher', {}, /^one of .*json/],
  ['no selector', 'json', { url: 'https://vendor.test/', complete: false }, /path, key or pattern/],
  ['an unknown scheme', 'json', { path: '$.a', versionScheme: 'roman' }, /numeric/],
];
for (const [name, type, options, expected] of REFUSED) {
  test(`refused: ${name}`, () =>
    assert.match(faultOf(() => recorded(type, options, '{}')).expected ?? '', expected));
}

test('a pattern beyond linear time is named as not supported', () => {
  for (const pattern of ['v(\\d+)(?!-beta)', '(\\d)\\1', '(?<=v)\\d+', '(?<n>\\d)\\k<n>']) {
    const { found } = faultOf(() => recorded('text', { pattern }, 'v1'));
    assert.match(found ?? '', /look-around and back-references in a pattern are not supported/, pattern);
  }
});

test('labels of versions that are no scheme are passed over', () => {
  const options = { path: '$', versionScheme: ['4-part', 'leading-zero'] };
  assert.equal(recorded('json', options, '"1.02.3.4"').releases[0]?.version, '1.02.3.4');
});

/** Recorded answers of real feeds, with what a reader must report (samples/feeds/README.md). */
const SAMPLES = '../shared/samples/feeds';
const Sample = z.object({
  file: z.string(),
  feedType: z.string(),
  selector: z.record(z.string(), z.unknown()),
  expect: z
    .object({
      version: z.string(),
      date: z.string().optional(),
      pubDate: z.string().optional(),
      url: z.string().optional(),
      sha1: z.string().optional(),
      sha256: z.string().optional(),
      sha512: z.string().optional(),
      size: z.number().optional(),
      count: z.number().optional(),
    })
    .loose(),
});
type Sample = z.infer<typeof Sample>;
/** Its addresses are relative to a host that the recording does not name. */
const WITHOUT_HOST = ['amazon-corretto-index.json'];

const present = existsSync(join(SAMPLES, 'expected.json'));
test('recordings are there', { skip: present ? false : `${SAMPLES} is absent` }, () => {
  assert.ok(samples().length >= 77);
});

for (const sample of samples()) {
  test(`${sample.feedType}: ${sample.file} as it is expected`, () => {
    const { expect } = sample;
    const { releases } = readSample(sample, sample.selector);
    const first = releases[0];
    assert.equal(first?.version, expect.version);
    assert.equal(first.prerelease && releases.some(({ prerelease }) => !prerelease), false);
    if (expect.date !== undefined) assert.equal(first.publishedAt?.slice(0, 10), expect.date);
    if (expect.pubDate !== undefined)
      assert.equal(first.publishedAt, new Date(expect.pubDate.replace(/UT$/, 'UTC')).toISOString());
    if (expect.count !== undefined) assert.equal(releases.length, expect.count);
    if (expect.url === undefined) return;
    const wanted = WITHOUT_HOST.includes(sample.file)
      ? expect.url.replace(/^https:\/\/[^/]+\//, '')
      : expect.url;
    const asset = first.assets.find(({ url }) => url === wanted);
    assert.ok(asset, `${wanted} among ${first.assets.length}`);
    if (expect.size !== undefined) assert.equal(asset.size, expect.size);
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      const digest = expect[algorithm];
      if (digest !== undefined) assert.equal(asset.digests[algorithm], hexOf(digest), algorithm);
    }
  });
}

const ALTERNATIVES: readonly (readonly [string, object, string])[] = [
  ['mozilla-firefox_versions.json', { key: 'FIREFOX_ESR' }, '115.11.0esr'],
  ['mozilla-firefox_versions.json', { key: 'LATEST_FIREFOX_DEVEL_VERSION' }, '127.0b9'],
  ['chrome-last-known-good-versions.json', { path: '$.channels.Beta.version' }, '153.0.8010.5'],
  ['node-dist-index.json', { path: '$[?(@.lts)].version', pattern: '^v(.+)$', order: 'max' }, '14.17.6'],
  ['dotnet-releases-6.0.json', { path: '$.latest-sdk' }, '6.0.401'],
  ['dotnet-1.1-releases.json', { path: '$.latest-sdk' }, '1.1.14'],
  ['vscodium-win32-x64-system.json', { path: '$.name' }, '1.126.04524'],
  ['powershell-metadata.json', { path: '$.PreviewReleaseTag', pattern: '^v(.+)$' }, '7.7.0-preview.3'],
];
for (const [file, selector, version] of ALTERNATIVES) {
  test(`${file}: ${version} by another selector`, { skip: present ? false : 'absent' }, () => {
    const sample = samples().find((one) => one.file === file);
    assert.ok(sample);
    assert.equal(readSample(sample, selector).releases[0]?.version, version);
  });
}

function readSample({ feedType, file }: Sample, selector: object) {
  return readRecorded({ type: feedType, options: JSON.stringify(selector), response: join(SAMPLES, file) });
}

function samples(): readonly Sample[] {
  if (!present) return [];
  return z.array(Sample).parse(JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8')));
}

function hexOf(digest: string): string {
  return digest.length === 88 ? Buffer.from(digest, 'base64').toString('hex') : digest.toLowerCase();
}

test('an answer as it was packed, a head that was folded, members that say nothing', () => {
  const head = '\uFEFFHTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\r\n';
  const options = { path: '$.v', pattern: null, versionScheme: '4-part' };
  const { releases } = recorded('json', options, gzipSync('{"v":"1.2"}'), head);
  assert.deepEqual(
    releases.map(({ version }) => version),
    ['1.2'],
  );
  const bomb = gzipSync(Buffer.alloc(20 << 20));
  assert.match(faultOf(() => recorded('json', options, bomb)).expected ?? '', /gzip of at most/);
});

test('what is a prerelease is told also where the feed follows them', () => {
  const tags = [
    { tag_name: 'v2.0', prerelease: true },
    { tag_name: 'v1.0', prerelease: false },
  ];
  const { releases } = recorded('github-releases', { repo: 'a/b', prerelease: true }, JSON.stringify(tags));
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['2.0', true],
      ['1.0', false],
    ],
  );
});

test('what cannot be read is named; a type that no product can be asked by is read as what it answers', () => {
  const response = join(folder, 'post');
  writeFileSync(response, '{"v":"1.2"}');
  const given = { type: 'http-post', options: '{"path":"$.v","complete":false}', response };
  assert.deepEqual(
    readRecorded(given).releases.map(({ version }) => version),
    ['1.2'],
  );
  assert.equal(faultOf(() => readRecorded({ ...given, options: '{bad' })).where, '--options');
  assert.equal(faultOf(() => readRecorded({ ...given, response: folder })).found, 'a folder');
});

test('of a device that never ends no more is read than an answer may have', () => {
  const given = { type: 'json', options: '{"path":"$.v"}', response: '/dev/zero' };
  const { found, expected } = faultOf(() => readRecorded(given));
  assert.deepEqual([found, expected], ['more', `at most ${16 << 20} bytes`]);
});

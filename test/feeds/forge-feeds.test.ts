import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import type { FeedDefinition } from '../../src/core/product.js';
import { read, readerOf, versionsOf } from './answers.js';

const GITHUB = { type: 'github-releases', repo: 'owner/name' } as const;
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

function tags(options: object, ...names: readonly string[]): readonly string[] {
  const answer = names.map((name) => ({ tag_name: name }));
  return versionsOf(read({ ...GITHUB, ...options }, answer, 'letters'));
}

test('tags without a pattern: after a v, or after the word that all of them begin with', () => {
  assert.deepEqual(tags({}, 'nightly', 'v1.9', '1.10', 'stable'), ['1.10', '1.9']);
  assert.deepEqual(tags({}, 'jdk-21.0.2+13', 'jdk-21.0.10+7'), ['21.0.10+7', '21.0.2+13']);
  assert.deepEqual(tags({}, 'Release_2.1', 'release_2.0'), ['2.1', '2.0']);
  assert.deepEqual(tags({}, 'v2.1', 'tools-v9.9', 'cli/8.0'), ['2.1']);
  assert.deepEqual(tags({ tagStrip: '^v-?' }, 'v-0.2.32'), ['0.2.32']);
  const tagTemplate = 'app-{version3}-build-{build}';
  assert.deepEqual(tags({ tagTemplate }, 'app-6.12.0-build-318', 'v6.11.0'), ['6.12.0.318', '6.11.0']);
  const spelled = { tagPattern: '^v?(.+)$', tagTemplate: 'App-RELEASE-{version}' };
  assert.deepEqual(tags(spelled, 'v1.3.5', 'App-RELEASE-1.3.4', 'v.1.3.3'), ['1.3.5', '1.3.4', '1.3.3']);
  const fault = faultOf(() => tags({}, 'nightly', 'latest'));
  assert.equal(fault.code, 'feed.no-release');
  assert.equal(fault.found, 'nightly, latest');
});

test('tags with dashes and underscores', () => {
  assert.deepEqual(
    tags({ tagPattern: '^jr-(\\d+-\\d+-\\d+)$', replace: '- to .' }, 'jr-6-5-1', 'jr-6-4-10'),
    ['6.5.1', '6.4.10'],
  );
  assert.deepEqual(tags({ tagPattern: '^REL_(\\d+_\\d+)$' }, 'REL_4_24'), ['4.24']);
});

test('a tag that says it is a preview is one, whatever its mark says', () => {
  const releases = read(
    GITHUB,
    [{ tag_name: 'v2.0.0-rc.1', prerelease: false }, { tag_name: 'v1.0.0' }],
    'semver',
  );
  assert.deepEqual(
    releases.map(({ version, prerelease }) => [version, prerelease]),
    [
      ['1.0.0', false],
      ['2.0.0-rc.1', true],
    ],
  );
});

test('github: a member of a wrong type hides neither its entry nor the others', () => {
  const [first, second, ...more] = read(GITHUB, [
    { tag_name: 17 },
    null,
    { tag_name: 'v2.0', name: {}, draft: 'no', prerelease: 1, published_at: 5, html_url: [], assets: 'none' },
    {
      tag_name: 'v1.0',
      assets: [
        7,
        { name: 'a.msi', browser_download_url: 'ftp://a.test/a.msi' },
        ASSET,
        { ...ASSET, size: 'x' },
      ],
    },
  ]);
  assert.deepEqual(first, {
    version: '2.0',
    prerelease: false,
    publishedAt: null,
    assets: [],
    notesUrl: null,
    withdrawn: false,
  });
  assert.deepEqual(
    second?.assets.map(({ name, url }) => [name, url]),
    [['b.msi', 'https://github.com/o/n/releases/download/v1.0/b.msi']],
  );
  assert.deepEqual(more, []);
});

const ASSET = {
  name: 'b.msi',
  size: 9,
  browser_download_url: 'https://github.com/o/n/releases/download/v1.0/b.msi',
};

test('github: a message in place of releases is told', () => {
  const message = "API rate limit exceeded for 192.0.2.1. (But here's the good news...)";
  const fault = faultOf(() => read(GITHUB, { message, documentation_url: 'https://docs.github.com/' }));
  assert.equal(fault.code, 'feed.malformed');
  assert.match(fault.found ?? '', /message, documentation_url \(API rate limit exceeded/);
});

test('github: which files are meant, by their names', () => {
  const assets = ['a-x64.msi', 'a-x64.msi.sig', 'a.dmg'].map((name) => ({ ...ASSET, name }));
  const [release] = read({ ...GITHUB, assetPattern: '\\.msi$' }, [{ tag_name: 'v1.0', assets }]);
  assert.deepEqual(
    release?.assets.map(({ name }) => name),
    ['a-x64.msi'],
  );
});

test('github: a version that stands elsewhere than in the tag', () => {
  const url = (version: string, tag = 'build7') => ({
    tag_name: tag,
    assets: [
      {
        name: 'x',
        browser_download_url: `https://github.com/o/n/releases/download/${tag}/app-${version}-x64.zip`,
      },
    ],
  });
  const at = (path: string, assetPattern: string) =>
    versionsOf(read({ ...GITHUB, path, assetPattern }, [url('1.2.3'), url('1.10.0', 'build8')]));
  const both = ['1.10.0', '1.2.3'];
  assert.deepEqual(at('$.assets[*].browser_download_url', 'app-([\\d.]+)-x64\\.zip'), both);
  assert.deepEqual(at('$[*].assets[*].browser_download_url', 'app-([\\d.]+)-x64\\.zip"'), both);
  // A collector that numbers groups without names first means the second here.
  assert.deepEqual(at('$..browser_download_url', 'download/(?<tag>[^/]+)/app-([\\d.]+)-x64'), both);
  assert.deepEqual(at('$..browser_download_url', '(?<tag>\\w+)/app-(?<version>[\\d.]+)-'), both);
});

interface Recorded {
  readonly feed: FeedDefinition;
  readonly url: string;
  readonly answer: object;
  readonly release: object;
}

const HASH_FREE = { digests: NO_DIGESTS };

/** One release as each API gives it, after its public reference. */
const RECORDED: readonly Recorded[] = [
  {
    feed: { type: 'gitlab-releases', host: 'gitlab.gnome.org', project: 'GNOME/meld', endpoint: 'releases' },
    url: 'https://gitlab.gnome.org/api/v4/projects/GNOME%2Fmeld/releases?per_page=30',
    answer: [
      { tag_name: 'v9.0', name: 'next', upcoming_release: true, released_at: '2999-01-01T00:00:00Z' },
      {
        tag_name: 'v3.24.0',
        name: 'Three',
        created_at: '2026-01-01T00:00:00.000Z',
        released_at: '2026-01-03T00:00:00.000+01:00',
        upcoming_release: false,
        assets: {
          count: 2,
          sources: [{ format: 'zip', url: 'https://gitlab.gnome.org/meld.zip' }],
          links: [
            {
              id: 2,
              name: 'meld.msi',
              url: 'https://gitlab.gnome.org/x/1',
              direct_asset_url: 'https://gitlab.gnome.org/x/meld.msi',
              link_type: 'package',
            },
          ],
        },
        _links: { self: 'https://gitlab.gnome.org/GNOME/meld/-/releases/v3.24.0' },
      },
    ],
    release: {
      version: '3.24.0',
      prerelease: false,
      publishedAt: '2026-01-02T23:00:00.000Z',
      assets: [
        { name: 'meld.msi', url: 'https://gitlab.gnome.org/x/meld.msi', sizeBytes: null, ...HASH_FREE },
      ],
      notesUrl: 'https://gitlab.gnome.org/GNOME/meld/-/releases/v3.24.0',
      withdrawn: false,
    },
  },
  {
    feed: { type: 'gitlab-tags', project: '4207231', pattern: '^app-v(.+)$' },
    url: 'https://gitlab.com/api/v4/projects/4207231/repository/tags?per_page=30',
    answer: [
      { name: 'lib-v9.0', commit: {} },
      {
        name: 'app-v1.2',
        commit: { created_at: '2026-02-01T00:00:00Z', committed_date: '2026-02-02T00:00:00Z' },
        release: null,
      },
    ],
    release: {
      version: '1.2',
      prerelease: false,
      publishedAt: '2026-02-02T00:00:00.000Z',
      assets: [],
      notesUrl: null,
      withdrawn: false,
    },
  },
  {
    feed: { type: 'github-tags', repo: 'aws/aws-cli' },
    url: 'https://api.github.com/repos/aws/aws-cli/tags?per_page=30',
    answer: [
      {
        name: '2.9.1',
        zipball_url: 'https://api.github.com/z',
        commit: { sha: 'ab', url: 'https://api.github.com/c' },
      },
      { name: '2.36.29', commit: { sha: 'cd' }, node_id: 'x' },
    ],
    release: {
      version: '2.36.29',
      prerelease: false,
      publishedAt: null,
      assets: [],
      notesUrl: null,
      withdrawn: false,
    },
  },
  {
    feed: { type: 'gitea-releases', host: 'git.vendor.test:8443', repo: 'eduVPN/windows' },
    url: 'https://git.vendor.test:8443/api/v1/repos/eduVPN/windows/releases?limit=30',
    answer: [
      { id: 3, tag_name: '5.0', draft: true, prerelease: false },
      {
        id: 2,
        tag_name: '4.4.99',
        name: '4.4.99',
        draft: false,
        prerelease: false,
        html_url: 'https://git.vendor.test:8443/eduVPN/windows/releases/tag/4.4.99',
        published_at: '2026-03-04T05:06:07+02:00',
        created_at: '2026-03-01T00:00:00Z',
        assets: [
          {
            id: 1,
            name: 'a.exe',
            size: 77,
            uuid: 'u',
            browser_download_url: 'https://git.vendor.test:8443/attachments/u',
          },
        ],
      },
    ],
    release: {
      version: '4.4.99',
      prerelease: false,
      publishedAt: '2026-03-04T03:06:07.000Z',
      assets: [
        { name: 'a.exe', url: 'https://git.vendor.test:8443/attachments/u', sizeBytes: 77, ...HASH_FREE },
      ],
      notesUrl: 'https://git.vendor.test:8443/eduVPN/windows/releases/tag/4.4.99',
      withdrawn: false,
    },
  },
  {
    feed: { type: 'gitea-releases', host: 'gitee.com', repo: 'a/b' },
    url: 'https://gitee.com/api/v5/repos/a/b/releases?direction=desc&per_page=30',
    answer: [
      {
        id: 1,
        tag_name: 'v0.2.12',
        prerelease: false,
        created_at: '2026-05-06T00:00:00+08:00',
        assets: [{ browser_download_url: 'https://gitee.com/a.zip' }],
      },
    ],
    release: {
      version: '0.2.12',
      prerelease: false,
      publishedAt: '2026-05-05T16:00:00.000Z',
      assets: [{ name: 'a.zip', url: 'https://gitee.com/a.zip', sizeBytes: null, ...HASH_FREE }],
      notesUrl: null,
      withdrawn: false,
    },
  },
];

for (const { feed, url, answer, release } of RECORDED) {
  test(`${feed.type} at ${new URL(url).hostname}: its request and a release`, () => {
    assert.equal(readerOf(feed.type).request(feed).url, url);
    assert.deepEqual(read(feed, answer)[0], release);
    assert.deepEqual(read(feed, []), []);
    const fault = faultOf(() => read(feed, { message: '404 Project Not Found' }));
    assert.match(fault.found ?? '', /404 Project Not Found/);
    assert.equal(
      faultOf(() => read(feed, '<!doctype html><title>Sign in</title>')).found,
      'a web page, titled "Sign in"',
    );
  });
}

test('what an answer can be read without is still needed to ask for it', () => {
  for (const type of ['github-releases', 'github-tags', 'gitlab-releases', 'gitlab-tags', 'gitea-releases']) {
    const fault = faultOf(() => readerOf(type).request({ type }));
    assert.equal(fault.code, 'definition.invalid');
    assert.deepEqual(read({ type }, []), []);
  }
  for (const host of ['a.test/x', 'user@a.test', 'a.test?b', '..', 'a.test:'])
    assert.equal(
      faultOf(() => readerOf('gitea-releases').request({ type: 'gitea-releases', host, repo: 'a/b' })).code,
      'definition.invalid',
      host,
    );
});

test('vulnerabilities that the notes of a release name come with it; nothing else of the notes does', () => {
  const notes = 'Fixes **CVE-2026-20002** and cve-2026-9999.\r\n<script>alert(1)</script>';
  const expected = ['CVE-2026-9999', 'CVE-2026-20002'];
  const gitlab = { type: 'gitlab-releases', project: 'a/b' } as const;
  const gitea = { type: 'gitea-releases', host: 'codeberg.org', repo: 'a/b' } as const;
  for (const [feed, entry] of [
    [GITHUB, { body: notes }],
    [gitea, { body: notes }],
    [gitlab, { description: notes }],
  ] as const) {
    const [release] = read(feed, [{ tag_name: 'v1.0', ...entry }]);
    assert.deepEqual(release?.cveIds, expected, feed.type);
    assert.equal(JSON.stringify(release).includes('script'), false);
    const [silent] = read(feed, [{ tag_name: 'v1.0' }]);
    assert.equal(silent !== undefined && 'cveIds' in silent, false, feed.type);
  }
  const appcast = `<rss><channel><item><title>1.0</title><description>${notes.replaceAll('<', '&lt;')}</description><enclosure url="https://v.test/a.exe" version="1.0"/></item></channel></rss>`;
  assert.deepEqual(read({ type: 'appcast' }, appcast)[0]?.cveIds, expected);
});

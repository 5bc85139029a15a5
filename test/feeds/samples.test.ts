import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import type { FeedDefinition } from '../../src/core/product.js';
import { winget } from '../../src/feeds/winget/index.js';
import { selectAsset } from '../../src/releases/select.js';
import { answerOf, readerOf, schemeOf } from './answers.js';

/** Recorded answers of real feeds, with what a reader must report (samples/feeds/README.md). */
const FOLDER = '../shared/samples/feeds';
const Entry = z.object({
  file: z.string(),
  feedType: z.string(),
  product: z.string(),
  selector: z.record(z.string(), z.unknown()),
  expect: z
    .object({
      version: z.string(),
      date: z.string().optional(),
      url: z.string().optional(),
      pubDate: z.string().optional(),
      sha256: z.string().optional(),
      installers: z.number().optional(),
    })
    .loose(),
});
const TYPES = ['github-releases', 'json', 'html', 'sourceforge-rss', 'appcast', 'text', 'omaha'];
/** Read by the reader of another type: it is XML with a path. */
const READ_AS: Readonly<Record<string, string>> = { omaha: 'xml' };
/** Which scheme the product's versions are of, where they are not dotted numbers. */
const SCHEMES: readonly (readonly [RegExp, string])[] = [
  [/Temurin|NodeJS|Terraform|Gradle|Flutter|sometool/, 'semver'],
  [/JBRSDK|Unity/, 'letters'],
];
const present = existsSync(join(FOLDER, 'expected.json'));

test('recorded feeds are there', { skip: present ? false : `${FOLDER} is absent` }, () => {
  assert.ok(entries().length >= 41);
});

for (const entry of entries()) {
  const { file, product, expect } = entry;
  test(`${file}: ${product} ${expect.version}`, () => {
    const feed = feedOf(entry);
    const scheme = schemeOf(SCHEMES.find(([pattern]) => pattern.test(product))?.[1] ?? 'numeric');
    const releases = readerOf(feed.type).parse(answerOf(readFileSync(join(FOLDER, file))), feed, scheme);
    const newest = releases.find(({ prerelease, version }) => !prerelease && scheme.isVersion(version));
    assert.equal(newest?.version, expect.version);
    if (feed.type === 'github-releases' && expect.date !== undefined)
      assert.equal(newest.publishedAt?.slice(0, 10), expect.date);
    if (expect.pubDate !== undefined)
      assert.equal(Date.parse(newest.publishedAt ?? ''), Date.parse(expect.pubDate.replace(/UT$/, 'UTC')));
    if (feed.type === 'sourceforge-rss' || feed.type === 'appcast')
      assert.deepEqual(
        newest.assets.map(({ url }) => url),
        [expect.url],
      );
    if (feed.type === 'github-releases' && expect.url !== undefined) {
      const { assetPattern } = z.object({ assetPattern: z.string() }).parse(entry.selector);
      assert.equal(selectAsset(newest, { ...INSTALLER, assetPattern }).url, expect.url);
    }
  });
}

for (const { file, product, expect } of entries(['winget'])) {
  test(`${file}: winget's word on ${product} ${expect.version}`, () => {
    const response = answerOf(readFileSync(join(FOLDER, file)));
    const said = winget.parse(response, { type: 'winget', id: product }, expect.version);
    assert.equal(said.version, expect.version);
    assert.equal(said.assets.length, expect.installers ?? 0);
    const best = said.assets.find(({ url }) => url === expect.url);
    assert.equal(best?.digests.sha256 ?? undefined, expect.sha256?.toLowerCase());
  });
}

function entries(types: readonly string[] = TYPES) {
  if (!present) return [];
  const all: unknown = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8'));
  return z
    .array(Entry)
    .parse(all)
    .filter(({ feedType }) => types.includes(feedType));
}

/** The recordings' own words for an order and for prereleases, in those of a definition. */
function feedOf({ feedType, selector }: z.infer<typeof Entry>): FeedDefinition {
  const { order, excludePrerelease, replace, assetPattern: _, ...rest } = selector;
  const type = READ_AS[feedType] ?? feedType;
  const { path, ...more } = rest;
  return {
    type,
    ...addressOf(type),
    ...(type === 'xml' ? { xpath: path, ...more } : rest),
    ...(order === undefined ? {} : { order: order === 'max-version' ? 'max' : 'last' }),
    ...(excludePrerelease === true || ALWAYS_WITHOUT.includes(type) ? {} : { prerelease: true }),
    ...(replace === '- to .' ? DASHES : {}),
  };
}

/** Their recordings say nothing of prereleases: the readers leave them out by themselves. */
const ALWAYS_WITHOUT = ['github-releases', 'sourceforge-rss', 'appcast'];

function addressOf(type: string): object {
  if (type === 'github-releases') return { repo: 'owner/name' };
  return type === 'sourceforge-rss' ? {} : { url: 'https://vendor.test/feed' };
}

const DASHES = { tagPattern: '^jr-(\\d+)-(\\d+)-(\\d+)$', replace: '$1.$2.$3' };

const INSTALLER = {
  architecture: 'x64',
  technology: 'nullsoft',
  scope: 'machine',
  arguments: '/S',
  returnCodes: [],
  detection: {
    view: '64',
    displayName: { equalTo: 'Any' },
    windowsInstaller: false,
    displayVersion: 'release',
    evidence: 'stated',
  },
} as const;

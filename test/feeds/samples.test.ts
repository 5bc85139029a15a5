import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import type { FeedDefinition } from '../../src/core/product.js';
import { selectAsset } from '../../src/releases/select.js';
import { answerOf, readerOf, schemeOf } from './answers.js';

/** Recorded answers of real feeds, with what a reader must report (samples/feeds/README.md). */
const FOLDER = '../shared/samples/feeds';
const Entry = z.object({
  file: z.string(),
  feedType: z.string(),
  product: z.string(),
  selector: z.record(z.string(), z.unknown()),
  expect: z.object({ version: z.string(), date: z.string().optional(), url: z.string().optional() }).loose(),
});
const TYPES = ['github-releases', 'json', 'html'];
/** Which scheme the product's versions are of, where they are not dotted numbers. */
const SCHEMES: readonly (readonly [RegExp, string])[] = [
  [/Temurin|NodeJS|Terraform|Gradle|Flutter|sometool/, 'semver'],
  [/JBRSDK|Unity/, 'letters'],
];
const present = existsSync(join(FOLDER, 'expected.json'));

test('recorded feeds are there', { skip: present ? false : `${FOLDER} is absent` }, () => {
  assert.ok(entries().length >= 35);
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
    if (feed.type === 'github-releases' && expect.url !== undefined) {
      const { assetPattern } = z.object({ assetPattern: z.string() }).parse(entry.selector);
      assert.equal(selectAsset(newest, { ...INSTALLER, assetPattern }).url, expect.url);
    }
  });
}

function entries() {
  if (!present) return [];
  const all: unknown = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8'));
  return z
    .array(Entry)
    .parse(all)
    .filter(({ feedType }) => TYPES.includes(feedType));
}

/** The recordings' own words for an order and for prereleases, in those of a definition. */
function feedOf({ feedType, selector }: z.infer<typeof Entry>): FeedDefinition {
  const { order, excludePrerelease, replace, assetPattern: _, ...rest } = selector;
  const address =
    feedType === 'github-releases' ? { repo: 'owner/name' } : { url: 'https://vendor.test/feed' };
  return {
    type: feedType,
    ...address,
    ...rest,
    ...(order === undefined ? {} : { order: order === 'max-version' ? 'max' : 'last' }),
    ...(excludePrerelease === true || feedType === 'github-releases' ? {} : { prerelease: true }),
    ...(replace === '- to .' ? DASHES : {}),
  };
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

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { PermanentError } from '../../src/core/errors.js';
import type { FeedDefinition } from '../../src/core/product.js';
import { feedReaders, vantageReaders } from '../../src/feeds/index.js';
import { answerOf, readerOf, schemeOf } from './answers.js';

/** Recorded answers with what a reader must report, and collected feeds that a reader must take as they stand. */
const SAMPLES = '../shared/samples/feeds';
const FACTS = '../shared/facts/products.jsonl';
const TYPES = [
  'appcast',
  'chrome-versionhistory',
  'dotnet-releases',
  'electron-updater',
  'gitea-releases',
  'github-releases',
  'github-tags',
  'gitlab-releases',
  'gitlab-tags',
  'http-redirect',
  'jetbrains',
  'mozilla-product-details',
  'omaha',
  'sourceforge-rss',
  'squirrel-releases',
  'static-download',
  'vscode-update',
  'winget',
];
const Entry = z.object({
  file: z.string(),
  feedType: z.string(),
  selector: z.record(z.string(), z.unknown()),
  expect: z.looseObject({
    version: z.string(),
    date: z.string().optional(),
    pubDate: z.string().optional(),
    url: z.string().optional(),
    sha1: z.string().optional(),
    sha256: z.string().optional(),
    sha512: z.string().optional(),
    size: z.number().optional(),
  }),
});
type Entry = z.infer<typeof Entry>;
const skipSamples = existsSync(join(SAMPLES, 'expected.json')) ? false : `${SAMPLES} is absent`;
const skipFacts = existsSync(FACTS) ? false : `${FACTS} is absent`;

test('recorded answers give what was recorded with them', { skip: skipSamples }, async (t) => {
  const all: unknown = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8'));
  const entries = z
    .array(Entry)
    .parse(all)
    .filter(({ feedType }) => TYPES.includes(feedType));
  assert.ok(entries.length >= 31);
  for (const scheme of ['numeric', 'letters'])
    for (const entry of entries)
      await t.test(`${entry.file}, ${scheme}`, () => checkRecording(entry, scheme));
});

function checkRecording({ file, feedType, selector, expect }: Entry, scheme: string): void {
  const answer = answerOf(readFileSync(join(SAMPLES, file)));
  const feed = { ...selector, type: feedType };
  const [first] = readerOf(feedType).parse(answer, feed, schemeOf(scheme));
  assert.equal(first?.version, expect.version);
  assert.equal(first.prerelease, false);
  if (expect.date !== undefined) assert.equal(first.publishedAt?.slice(0, 10), expect.date);
  if (expect.pubDate !== undefined)
    assert.equal(first.publishedAt, new Date(expect.pubDate.replace(/UT$/, 'UTC')).toISOString());
  if (expect.url === undefined) return;
  const href = new URL(expect.url, answer.finalUrl).href;
  const file_ = first.assets.find(({ url }) => url === href);
  assert.ok(file_, `${href} is not among ${first.assets.map(({ url }) => url).join(' ')}`);
  const { sha1, sha256, sha512 } = expect;
  if (sha1 !== undefined) assert.equal(file_.digests.sha1, sha1);
  if (sha256 !== undefined) assert.equal(file_.digests.sha256, sha256.toLowerCase());
  if (sha512 !== undefined) assert.equal(file_.digests.sha512, Buffer.from(sha512, 'base64').toString('hex'));
  if (expect.size !== undefined) assert.equal(file_.sizeBytes, expect.size);
}

/** Their patterns look around, which RE2 does not: they need another pattern. */
const NOT_RE2 = [
  'Rem0o.FanControl',
  'Retroshare.Retroshare',
  'TechNobo.TcNoAccountSwitcher',
  'jcv8000.Codex',
  'qier222.YesPlayMusic',
];

test('every complete feed of these types is taken as it stands, but those that RE2 cannot read', {
  skip: skipFacts,
}, () => {
  const refused = new Set<string>();
  let accepted = 0;
  for (const { id, feed } of completeFeeds()) {
    try {
      const { url } = requestOf(feed);
      assert.ok(URL.canParse(url), url);
      accepted += 1;
    } catch (error) {
      assert.ok(error instanceof PermanentError, `${id}: ${String(error)}`);
      assert.match(error.found ?? '', /RE2|invalid|perl/i, `${id} ${feed.type}: ${error.found ?? ''}`);
      refused.add(id);
    }
  }
  assert.deepEqual([...refused].sort(), NOT_RE2.toSorted());
  assert.ok(accepted > 6400, `${accepted}`);
});

function requestOf(feed: FeedDefinition) {
  const vantage = vantageReaders.get(feed.type);
  return vantage === undefined ? readerOf(feed.type).request(feed) : vantage.request(feed, '1.2.3');
}

function* completeFeeds(): Iterable<{ id: string; feed: FeedDefinition }> {
  const Feed = z.looseObject({ type: z.string(), complete: z.boolean().optional() });
  const Product = z.object({ id: z.string(), feeds: z.array(Feed) });
  for (const line of readFileSync(FACTS, 'utf8').trim().split('\n')) {
    const { id, feeds } = Product.parse(JSON.parse(line));
    for (const feed of feeds) if (feed.complete === true && TYPES.includes(feed.type)) yield { id, feed };
  }
}

test('each of these types has its reader', () => {
  assert.deepEqual(
    TYPES.filter((type) => !feedReaders.has(type)),
    [],
  );
});

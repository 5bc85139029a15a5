import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { addressOf } from '../../src/core/address-template.js';
import { PermanentError } from '../../src/core/errors.js';
import type { FeedDefinition } from '../../src/core/product.js';
import { feedReaders, vantageReaders } from '../../src/feeds/index.js';
import { read, readerOf, versionsOf } from './answers.js';

/** Thousands of feeds and addresses as they were collected: they must fit the readers unchanged. */
const FILE = '../shared/facts/products.jsonl';
const skip = existsSync(FILE) ? false : `${FILE} is absent`;
const Feed = z.looseObject({ type: z.string(), complete: z.boolean().optional() });
const Installer = z.object({
  urlTemplate: z.string().nullish(),
  templateVerified: z.boolean().nullish(),
  sampleUrl: z.string().nullish(),
  sampleVersion: z.string().nullish(),
});
const Product = z.object({ id: z.string(), feeds: z.array(Feed), installers: z.array(Installer) });

function products() {
  return readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Product.parse(JSON.parse(line)));
}

/** Vendors write `7.1.2-29` in a tag where winget writes `7.1.2.29`. */
function numbersOf(version: unknown): string {
  return String(version)
    .replace(/^v?\.?/i, '')
    .replace(/[_-]/g, '.');
}

/** Their patterns look around or back, which RE2 does not: they need another pattern. */
const NOT_RE2 = ['PeterPawlowski.foobar2000', 'Ruihu.Apifox', 'EclipseFoundation.SUMO', 'Tinn-R.Tinn-R'];
/** What the facts themselves say is not in them, or what no reader of ours does. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  json: ['path'],
  xml: ['xpath', 'needsCurrentVersion'],
  appcast: ['needsCurrentVersion'],
  text: ['needsCurrentVersion'],
  'sourceforge-rss': ['path'],
};
const ROUND = ['appcast', 'http-redirect', 'sourceforge-rss', 'text', 'winget', 'xml'];
const NOT_READ = ['path', 'assetPattern', 'xpath', 'needsCurrentVersion', 'requiresBrowser', 'placeholders'];

test('complete first feeds of our types are accepted as they stand', { skip }, () => {
  const refused: string[] = [];
  let accepted = 0;
  for (const { id, feeds } of products()) {
    const [feed] = feeds as readonly FeedDefinition[];
    if (feed === undefined || feed.complete !== true || !feedReaders.has(feed.type)) continue;
    if (NOT_READ.some((member) => member in feed && !READ_BY[feed.type]?.includes(member))) continue;
    try {
      readerOf(feed.type).request(feed);
      accepted += 1;
    } catch (error) {
      assert.ok(error instanceof PermanentError);
      refused.push(id);
    }
  }
  assert.deepEqual(refused.sort(), NOT_RE2.toSorted());
  assert.ok(accepted > 2300, `${accepted}`);
});

test('every feed of the readers of this round is accepted as it stands, also one that is not the first', {
  skip,
}, () => {
  const refused: string[] = [];
  const accepted = new Map<string, number>();
  for (const { id, feeds } of products()) {
    for (const feed of feeds as readonly FeedDefinition[]) {
      if (feed.complete !== true || !ROUND.includes(feed.type)) continue;
      try {
        if (feed.type === 'winget') vantageReaders.get('winget')?.request(feed, '1.2.3.4');
        else readerOf(feed.type).request(feed);
        accepted.set(feed.type, (accepted.get(feed.type) ?? 0) + 1);
      } catch (error) {
        assert.ok(error instanceof PermanentError);
        if (!NOT_RE2.includes(id)) refused.push(`${id} ${feed.type} ${error.found ?? ''}`);
      }
    }
  }
  assert.deepEqual(refused, []);
  assert.deepEqual(Object.fromEntries(accepted), {
    appcast: 33,
    'http-redirect': 76,
    'sourceforge-rss': 122,
    text: 43,
    winget: 3924,
    xml: 92,
  });
});

test('the tag patterns of the facts give the versions that were checked', { skip }, () => {
  const wrong: string[] = [];
  let right = 0;
  for (const { id, feeds } of products()) {
    for (const feed of feeds as readonly FeedDefinition[]) {
      if (feed.type !== 'github-releases' || feed.tagVerified !== true || 'path' in feed) continue;
      if (feed.tagPattern === undefined && feed.tagStrip === undefined) continue;
      const { complete: _, ...complete } = feed;
      const [version] = versionsOf(
        read({ ...complete, type: feed.type }, [{ tag_name: feed.tagSample }], 'letters'),
      );
      if (numbersOf(version) === numbersOf(feed.tagSampleVersion)) right += 1;
      else
        wrong.push(`${id}: ${String(feed.tagSample)} gives ${version}, not ${String(feed.tagSampleVersion)}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(right > 1500, `${right}`);
});

test('address templates give the addresses that were checked', { skip }, () => {
  const wrong: string[] = [];
  let right = 0;
  for (const { id, installers } of products()) {
    for (const { urlTemplate, templateVerified, sampleUrl, sampleVersion } of installers) {
      if (templateVerified !== true || !urlTemplate || !sampleVersion || !sampleUrl) continue;
      // A plus is the same in a path, encoded or not.
      const plain = (text: string) => new URL(text).href.replaceAll('%2B', '+');
      const address = addressOf(urlTemplate, sampleVersion);
      if (plain(address) === plain(sampleUrl)) right += 1;
      else wrong.push(`${id}: ${address}, not ${sampleUrl}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(right > 2500, `${right}`);
});

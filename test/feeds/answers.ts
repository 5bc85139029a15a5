import type { FeedReader, VersionScheme } from '../../src/core/ports.js';
import type { FeedDefinition } from '../../src/core/product.js';
import type { FeedResponse, Release } from '../../src/core/release.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { feedReaders } from '../../src/feeds/index.js';

export function answerOf(body: string | Buffer | object, changes: Partial<FeedResponse> = {}): FeedResponse {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return {
    status: 200,
    finalUrl: 'https://vendor.test/feed',
    headers: {},
    body: Buffer.from(text),
    ...changes,
  };
}

export function readerOf(type: string): FeedReader {
  const reader = feedReaders.get(type);
  if (reader === undefined) throw new Error(`no reader ${type}`);
  return reader;
}

export function schemeOf(name: string): VersionScheme {
  const scheme = versionSchemes.get(name);
  if (scheme === undefined) throw new Error(`no scheme ${name}`);
  return scheme;
}

export function read(
  feed: FeedDefinition,
  body: string | Buffer | object,
  scheme = 'numeric',
): readonly Release[] {
  return readerOf(feed.type).parse(answerOf(body), feed, schemeOf(scheme));
}

export function versionsOf(releases: readonly Release[]): readonly string[] {
  return releases.map(({ version }) => version);
}

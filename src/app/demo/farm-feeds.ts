import { createHash } from 'node:crypto';
import type { VersionScheme } from '../../core/ports.js';
import type { FeedDefinition, ProductDefinition } from '../../core/product.js';
import type { Release } from '../../core/release.js';
import { versionSchemes } from '../../core/versions/index.js';
import { feedReaders } from '../../feeds/index.js';
import { type FarmAnswer, type FarmFeed, STAND_IN_FILE } from '../../lab/vendor-farm/index.js';
import type { Fixture, Fixtures } from '../../lab/vendor-site/index.js';

/**
 * A product's own feed as a vendor farm serves it: where its reader asks, and what it reads there. Null where the
 * definition names a reader or scheme that there is not, or an address that is not https and is never asked.
 */
export function farmFeedOf({ id, feeds, versionScheme }: ProductDefinition): FarmFeed | null {
  const [feed] = feeds;
  const reader = feedReaders.get(feed?.type ?? '');
  const scheme = versionSchemes.get(versionScheme);
  if (feed === undefined || reader === undefined || scheme === undefined) return null;
  const request = reader.request(feed);
  if (!request.url.startsWith('https://')) return null;
  return {
    productId: id,
    feed,
    url: request.url,
    ...(request.body === undefined ? {} : { body: request.body }),
    readVersion(answer) {
      if (reader.isVersionInFile === true)
        return STAND_IN_FILE.exec(answer.kind === 'feed' ? answer.body : '')?.[1] ?? null;
      return releaseIn(answer, feed, scheme)?.version ?? null;
    },
  };
}

/** The release that a feed shows in this answer; null where its reader finds none, or a fault. */
export function releaseIn(answer: FarmAnswer, feed: FeedDefinition, scheme: VersionScheme): Release | null {
  const reader = feedReaders.get(feed.type);
  if (reader === undefined) return null;
  try {
    const releases = reader.parse(responseOf(answer, reader.request(feed).url), feed, scheme);
    return releases.find((one) => !one.prerelease && scheme.isVersion(one.version)) ?? null;
  } catch {
    // A form in which this feed cannot show the version.
    return null;
  }
}

/** The feeds of products whose installers lie at a stand-in: each shows its current version, with the real file. */
export function feedsOfShipped(
  products: readonly ProductDefinition[],
  fixtures: Fixtures,
): readonly FarmFeed[] {
  return products.flatMap((product) => {
    const current = fixtures.shipped.find((one) => one.productId === product.id && one.stage === 'current');
    const feed = farmFeedOf(product);
    if (current === undefined || feed === null) return [];
    const assets = [assetOf(current, fixtures.read(current))];
    return [{ ...feed, versionAt: () => current.version, assetsOf: () => assets }];
  });
}

function assetOf({ fileName, url, sizeBytes, sha256 }: Fixture, bytes: Buffer) {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return { name: fileName, url, sizeBytes, sha256, sha1: digest('sha1'), sha512: digest('sha512') };
}

function responseOf(answer: FarmAnswer, url: string) {
  return answer.kind === 'redirect'
    ? { status: 200, finalUrl: answer.location, headers: {}, body: Buffer.alloc(0) }
    : {
        status: 200,
        finalUrl: url,
        headers: { 'content-type': answer.contentType },
        body: Buffer.from(answer.body),
      };
}

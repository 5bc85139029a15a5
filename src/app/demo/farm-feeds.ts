import type { ProductDefinition } from '../../core/product.js';
import { versionSchemes } from '../../core/versions/index.js';
import { feedReaders } from '../../feeds/index.js';
import { type FarmAnswer, type FarmFeed, STAND_IN_FILE } from '../../lab/vendor-farm/index.js';

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
      try {
        const releases = reader.parse(responseOf(answer, request.url), feed, scheme);
        const usable = releases.find((one) => !one.prerelease && scheme.isVersion(one.version));
        return usable?.version ?? null;
      } catch {
        // A form in which this feed cannot show the version.
        return null;
      }
    },
  };
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

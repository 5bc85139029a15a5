import { PermanentError } from '../core/errors.js';
import type { FeedReader, VantageReader } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';
import { appcast } from './appcast/index.js';
import { githubReleases } from './github-releases/index.js';
import { html } from './html/index.js';
import { httpRedirect } from './http-redirect/index.js';
import { json } from './json/index.js';
import { sourceforgeRss } from './sourceforge-rss/index.js';
import { text } from './text/index.js';
import { winget } from './winget/index.js';
import { xml } from './xml/index.js';

/** By the `type` of a feed in a definition. */
export const feedReaders: ReadonlyMap<string, FeedReader> = new Map(
  [appcast, githubReleases, html, httpRedirect, json, sourceforgeRss, text, xml].map((reader) => [
    reader.type,
    reader,
  ]),
);

/** Second sources: a feed behind the vendor's own. */
export const vantageReaders: ReadonlyMap<string, VantageReader> = new Map(
  [winget].map((reader) => [reader.type, reader]),
);

/** Every `type` that a definition may name. */
export const feedTypes: readonly string[] = [...feedReaders.keys(), ...vantageReaders.keys()];

/** PermanentError `definition.invalid` where a feed's options are not what its reader takes, or it cannot stand first. */
export function checkFeed(feed: FeedDefinition, place: number): void {
  const vantage = vantageReaders.get(feed.type);
  if (vantage === undefined) {
    feedReaders.get(feed.type)?.request(feed);
    return;
  }
  if (place > 0) {
    vantage.request(feed, '1.2.3.4');
    return;
  }
  throw new PermanentError('definition.invalid', `a feed of type ${feed.type} cannot be the first`, {
    where: 'feeds.0',
    expected: "the vendor's own feed, which shows what the newest version is",
    nextStep: "name the vendor's own feed before it",
  });
}

import type { FeedReader } from '../core/ports.js';
import { githubReleases } from './github-releases/index.js';
import { html } from './html/index.js';
import { json } from './json/index.js';

/** By the `type` of a feed in a definition. */
export const feedReaders: ReadonlyMap<string, FeedReader> = new Map(
  [githubReleases, json, html].map((reader) => [reader.type, reader]),
);

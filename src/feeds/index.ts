import { PermanentError } from '../core/errors.js';
import type { FeedReader, VantageReader } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';
import { appcast } from './appcast/index.js';
import { chromeVersionhistory } from './chrome-versionhistory/index.js';
import { dotnetReleases } from './dotnet-releases/index.js';
import { electronUpdater } from './electron-updater/index.js';
import { endoflife } from './endoflife/index.js';
import { giteaReleases } from './gitea-releases/index.js';
import { githubReleases } from './github-releases/index.js';
import { githubTags } from './github-tags/index.js';
import { gitlabReleases } from './gitlab-releases/index.js';
import { gitlabTags } from './gitlab-tags/index.js';
import { html } from './html/index.js';
import { htmlEmbeddedJson } from './html-embedded-json/index.js';
import { httpRedirect } from './http-redirect/index.js';
import { ini } from './ini/index.js';
import { jetbrains } from './jetbrains/index.js';
import { json } from './json/index.js';
import { jsonVersionDateMap } from './json-version-date-map/index.js';
import { keyValue } from './key-value/index.js';
import { mozillaProductDetails } from './mozilla-product-details/index.js';
import { omaha } from './omaha/index.js';
import { releaseData } from './release-data/index.js';
import { sourceforgeRss } from './sourceforge-rss/index.js';
import { squirrelReleases } from './squirrel-releases/index.js';
import { staticDownload } from './static-download/index.js';
import { text } from './text/index.js';
import { vscodeUpdate } from './vscode-update/index.js';
import { createWingetVantage, WINGET_COMMUNITY, type WingetSource, wingetPackages } from './winget/index.js';
import { xml } from './xml/index.js';
import { yaml } from './yaml/index.js';

/** By the `type` of a feed in a definition. */
export const feedReaders: ReadonlyMap<string, FeedReader> = byType([
  appcast,
  chromeVersionhistory,
  dotnetReleases,
  electronUpdater,
  endoflife,
  giteaReleases,
  githubReleases,
  githubTags,
  gitlabReleases,
  gitlabTags,
  html,
  htmlEmbeddedJson,
  httpRedirect,
  ini,
  jetbrains,
  json,
  jsonVersionDateMap,
  keyValue,
  mozillaProductDetails,
  omaha,
  releaseData,
  sourceforgeRss,
  squirrelReleases,
  staticDownload,
  text,
  vscodeUpdate,
  wingetPackages,
  xml,
  yaml,
]);

/** Second sources, at their usual addresses: a feed behind the vendor's own. */
export const vantageReaders: ReadonlyMap<string, VantageReader> = vantagesAt();

/** The same where the settings name other addresses. */
export function vantagesAt(winget: WingetSource = WINGET_COMMUNITY): ReadonlyMap<string, VantageReader> {
  return byType([createWingetVantage(winget)]);
}

function byType<Reader extends { readonly type: string }>(
  readers: readonly Reader[],
): ReadonlyMap<string, Reader> {
  return new Map(readers.map((reader) => [reader.type, reader]));
}

/** Every `type` that a definition may name. */
export const feedTypes: readonly string[] = [...new Set([...feedReaders.keys(), ...vantageReaders.keys()])];

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

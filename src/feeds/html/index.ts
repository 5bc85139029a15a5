import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, Release, ReleaseAsset } from '../../core/release.js';
import { linksOf } from '../../text/html.js';
import { describeText, malformed, textOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { decodeOptions, FeedUrl, PatternText, remarks, UserAgent } from '../options.js';
import { looksLikePrerelease, versionIn } from '../version-text.js';

const Options = z
  .strictObject({
    ...remarks,
    type: z.literal('html'),
    url: FeedUrl,
    userAgent: UserAgent.optional(),
    /** The version is the group `version`, or group 1; of the page's source, or with `select` of each link. */
    pattern: PatternText,
    patternVerified: z.boolean().optional(),
    replace: z.string().min(1).optional(),
    order: z.enum(['max', 'last']).optional(),
    prerelease: z.boolean().default(false),
    /** `links`: only what the page links to, as it is written there. */
    select: z.literal('links').optional(),
    linkEndsWith: z.string().min(1).optional(),
    /** All of them. */
    linkContains: z.array(z.string().min(1)).optional(),
    linkMatches: PatternText.optional(),
  })
  .refine(
    (one) => one.select !== undefined || !(one.linkEndsWith || one.linkContains || one.linkMatches),
    'linkEndsWith, linkContains and linkMatches need "select": "links"',
  );
type Options = z.infer<typeof Options>;

interface Found {
  readonly version: string;
  readonly asset: ReleaseAsset | null;
}

/** Versions that a pattern finds on a web page, or in its links. */
export const html: FeedReader = {
  type: 'html',
  request(feed) {
    const { url, userAgent } = decodeOptions(Options, feed);
    const accept = 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1';
    return { url, headers: { accept, ...(userAgent && { 'user-agent': userAgent }) } };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const page = textOf(response);
    const found = options.select === 'links' ? inLinks(response, page, options) : inPage(page, options);
    if (found.length === 0) throw nothingFound(response, page, options);
    return chooseReleases(releasesOf(found, options), options.order, scheme);
  },
};

function inPage(page: string, options: Options): readonly Found[] {
  return options.pattern.all(page).flatMap((match) => {
    const version = versionIn(match, options.replace);
    return version === null ? [] : [{ version: version.trim(), asset: null }];
  });
}

function inLinks(response: FeedResponse, page: string, options: Options): readonly Found[] {
  return chosenLinks(page, options).flatMap((link) => {
    const match = options.pattern.first(link);
    const version = match && versionIn(match, options.replace);
    return version === null ? [] : [{ version, asset: assetAt(link, response.finalUrl) }];
  });
}

function chosenLinks(page: string, options: Options): readonly string[] {
  const { linkEndsWith = '', linkContains = [], linkMatches } = options;
  return linksOf(page).filter(
    (link) =>
      link.endsWith(linkEndsWith) &&
      linkContains.every((part) => link.includes(part)) &&
      (linkMatches === undefined || linkMatches.test(link)),
  );
}

/** One release per version, where it first stands on the page, with every file that is linked for it. */
function releasesOf(found: readonly Found[], options: Options): readonly Release[] {
  const assets = new Map<string, ReleaseAsset[]>();
  for (const { version, asset } of found) {
    const files = assets.get(version) ?? [];
    if (asset !== null && !files.some(({ url }) => url === asset.url)) files.push(asset);
    assets.set(version, files);
  }
  return [...assets].map(([version, files]) => ({
    version,
    prerelease: !options.prerelease && looksLikePrerelease(version),
    publishedAt: null,
    assets: files,
    notesUrl: null,
    withdrawn: false,
  }));
}

function nothingFound(response: FeedResponse, page: string, options: Options) {
  if (options.select !== 'links') {
    return malformed(response, `text like ${options.pattern.source}`, describeText(page));
  }
  const found = `${describeText(page)} with ${linksOf(page).length} links, ${chosenLinks(page, options).length} of them chosen`;
  return malformed(response, `a link like ${options.pattern.source}`, found);
}

import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse } from '../../core/release.js';
import { linksOf } from '../../text/html.js';
import { describeText, malformed, textOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { type Found, foundInText, releasesOf } from '../found.js';
import { decodeOptions, FeedUrl, PatternText, remarks, UserAgent } from '../options.js';
import { versionIn } from '../version-text.js';

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
    const found =
      options.select === 'links' ? inLinks(response, page, options) : foundInText(response, page, options);
    const releases = releasesOf(found, { followsPrereleases: options.prerelease });
    return chooseReleases(releases, options.order, scheme);
  },
};

function inLinks(response: FeedResponse, page: string, options: Options): readonly Found[] {
  const found = chosenLinks(page, options).flatMap((link) => {
    const match = options.pattern.first(link);
    const version = match && versionIn(match, options.replace);
    const asset = assetAt(link, response.finalUrl);
    return version === null ? [] : [{ version, assets: asset === null ? [] : [asset] }];
  });
  if (found.length === 0) throw noLinkFits(response, page, options);
  return found;
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

function noLinkFits(response: FeedResponse, page: string, options: Options) {
  const found = `${describeText(page)} with ${linksOf(page).length} links, ${chosenLinks(page, options).length} of them chosen`;
  return malformed(response, `a link like ${options.pattern.source}`, found);
}

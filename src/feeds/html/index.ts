import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse } from '../../core/release.js';
import { baseOf, linksOf } from '../../text/html.js';
import { compileXPath } from '../../text/xpath/index.js';
import { describeText, malformed, pageOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { type Found, foundInText, releasesOf } from '../found.js';
import {
  address,
  currentVersion,
  decodeOptions,
  PatternText,
  refused,
  requestAt,
  versionPattern,
} from '../options.js';
import { versionIn } from '../version-text.js';
import { inElements } from './elements.js';

const Options = z
  .strictObject({
    ...address,
    ...currentVersion,
    ...versionPattern,
    type: z.literal('html'),
    /** Elements or attributes in which the version is; absent: the page's source, or with `select` each link. */
    xpath: z.string().min(1).transform(refused(compileXPath)).optional(),
    /** The version is the group `version`, or group 1; without it, the first dotted number at the `xpath`. */
    pattern: PatternText.optional(),
    /** `links`: only what the page links to, as it is written there. */
    select: z.literal('links').optional(),
    linkEndsWith: z.string().min(1).optional(),
    /** All of them. */
    linkContains: z.array(z.string().min(1)).optional(),
    linkMatches: PatternText.optional(),
  })
  .refine(({ xpath, pattern }) => xpath ?? pattern, 'needs xpath or pattern: where the version is')
  .refine(
    (one) => one.select !== undefined || !(one.linkEndsWith || one.linkContains || one.linkMatches),
    'linkEndsWith, linkContains and linkMatches need "select": "links"',
  )
  .refine(
    (one) => one.select === undefined || one.xpath === undefined,
    'xpath and "select": "links" exclude each other',
  );
type Options = z.infer<typeof Options>;

/** Versions that a pattern or an XPath finds on a web page, or a pattern in its links. */
export const html: FeedReader = {
  type: 'html',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const releases = releasesOf(foundOn(response, options), options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function foundOn(response: FeedResponse, { xpath, pattern, ...options }: Options): readonly Found[] {
  if (xpath !== undefined) return inElements(response, xpath, { pattern, replace: options.replace });
  const page = pageOf(response);
  if (pattern === undefined) return [];
  return options.select === 'links'
    ? inLinks(response, page, { ...options, pattern })
    : foundInText(response, page, { pattern, replace: options.replace });
}

type LinkOptions = Omit<Options, 'xpath' | 'pattern'> & { readonly pattern: NonNullable<Options['pattern']> };

function inLinks(response: FeedResponse, page: string, options: LinkOptions): readonly Found[] {
  const base = baseOf(page, response.finalUrl);
  const found = chosenLinks(page, options).flatMap((link) => {
    const match = options.pattern.first(link);
    const version = match && versionIn(match, options.replace);
    const asset = assetAt(link, base);
    return version === null ? [] : [{ version, assets: asset === null ? [] : [asset] }];
  });
  if (found.length === 0) throw noLinkFits(response, page, options);
  return found;
}

function chosenLinks(page: string, options: LinkOptions): readonly string[] {
  const { linkEndsWith = '', linkContains = [], linkMatches } = options;
  return linksOf(page).filter(
    (link) =>
      link.endsWith(linkEndsWith) &&
      linkContains.every((part) => link.includes(part)) &&
      (linkMatches === undefined || linkMatches.test(link)),
  );
}

function noLinkFits(response: FeedResponse, page: string, options: LinkOptions) {
  const found = `${describeText(page)} with ${linksOf(page).length} links, ${chosenLinks(page, options).length} of them chosen`;
  return malformed(response, `a link like ${options.pattern.source}`, found);
}

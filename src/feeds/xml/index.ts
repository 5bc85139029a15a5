import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse } from '../../core/release.js';
import { compileXPath, type XPath } from '../../text/xpath/index.js';
import { malformed, textOf, xmlOf } from '../answer.js';
import { createBesideReader } from '../beside.js';
import { chooseReleases } from '../choose.js';
import { type Found, foundInText, refuseTooMany, releasesOf } from '../found.js';
import {
  address,
  currentVersion,
  decodeOptions,
  PatternText,
  refused,
  requestAt,
  versionPattern,
} from '../options.js';
import { findVersion, withoutV } from '../version-text.js';
import { createMembersReader } from './members.js';

const Options = z
  .strictObject({
    ...address,
    ...currentVersion,
    ...versionPattern,
    type: z.literal('xml'),
    /** Where the versions are; the last step may name an element or an attribute. Absent: `pattern` searches the text. */
    xpath: z.string().min(1).transform(refused(compileEntryPath)).optional(),
    /** The version is the group `version`, or group 1; texts that do not match are none. */
    pattern: PatternText.optional(),
  })
  .refine(({ xpath, pattern }) => xpath !== undefined || pattern !== undefined, 'needs xpath or pattern');
type Options = z.infer<typeof Options>;

/** Versions at a path of an XML document. */
export const xml: FeedReader = {
  type: 'xml',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'application/xml, text/xml;q=0.9, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const releases = releasesOf(versionsIn(response, options), options);
    // A path leads to all versions alike; in a text the first is the one that people see first.
    const usual = options.xpath === undefined ? 'first' : 'max';
    return chooseReleases(releases, options.order ?? usual, scheme);
  },
};

/** Scripts count the items of an RSS feed from 0: `/[0]/enclosure/version`. */
function compileEntryPath(expression: string): XPath {
  return compileXPath(
    expression.replace(/^\/\[(\d{1,6})\]/, (_, index: string) => `//item[${Number(index) + 1}]`),
  );
}

function versionsIn(response: FeedResponse, options: Options): readonly Found[] {
  const { xpath, pattern, replace } = options;
  if (xpath === undefined)
    return pattern === undefined ? [] : foundInText(response, textOf(response), { pattern, replace });
  const places = xpath.findLenient(xmlOf(response));
  refuseTooMany(places.length);
  const besideOf = createBesideReader(response.finalUrl);
  const membersAround = createMembersReader();
  const found = places.flatMap(({ text, node }): readonly Found[] => {
    const isVersion = pattern === undefined && /^[\w.+~-]*\d[\w.+~-]*$/.test(text.trim());
    const version = isVersion ? withoutV(text) : findVersion(text, { pattern, replace });
    return version === null ? [] : [{ ...(node && besideOf(membersAround(node))), version }];
  });
  if (found.length > 0) return found;
  const like = pattern === undefined ? '' : ` like ${pattern.source}`;
  throw malformed(response, `a version${like} at the path`, `${places.length} texts there`);
}

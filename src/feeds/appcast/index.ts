import { z } from 'zod';
import { cveIdsIn } from '../../core/cve.js';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse } from '../../core/release.js';
import { childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { malformed, xmlOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { type Found, releasesOf, timeOf } from '../found.js';
import {
  address,
  currentVersion,
  decodeOptions,
  OrderName,
  PatternText,
  requestAt,
  versionPattern,
} from '../options.js';
import { looksLikePrerelease, versionIn } from '../version-text.js';

const Options = z.strictObject({
  ...address,
  ...currentVersion,
  ...versionPattern,
  type: z.literal('appcast'),
  /** Of the version that people see; the version is the group `version`, or group 1. */
  pattern: PatternText.optional(),
  /** Items for another `sparkle:os` are left out. */
  os: z.string().min(1).max(20).default('windows'),
  order: OrderName.default('max'),
});
type Options = z.infer<typeof Options>;

/** The update feed of programs with Sparkle or WinSparkle: RSS with one enclosure per version and system. */
export const appcast: FeedReader = {
  type: 'appcast',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'application/rss+xml, application/xml;q=0.9, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const items = itemsOf(response);
    const found = items.flatMap((item) => foundIn(item, response.finalUrl, options));
    if (found.length === 0)
      throw malformed(response, `an item with a version for ${options.os}`, `${items.length} items`);
    const releases = releasesOf(found, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function itemsOf(response: FeedResponse): readonly XmlElement[] {
  const root = xmlOf(response);
  const channels = root.localName === 'rss' ? childElements(root, 'channel') : [];
  if (channels.length === 0)
    throw malformed(response, 'an appcast: RSS with a channel', `XML with the root ${root.localName}`);
  return channels.flatMap((channel) => childElements(channel, 'item'));
}

/** An item has one enclosure as a rule, none where it only links to a page; deltas stand deeper and are not meant. */
function foundIn(item: XmlElement, base: string, options: Options): readonly Found[] {
  const enclosures = childElements(item, 'enclosure');
  const fitting = enclosures.filter((one) => isFor(stated(one, 'os') ?? stated(item, 'os'), options.os));
  const places = enclosures.length === 0 ? [null] : fitting;
  return places.flatMap((enclosure) => {
    const version = versionOf(item, enclosure, options);
    if (version === null) return [];
    // `length` is often what an earlier file was long, and nothing rests on it: it is not taken.
    const asset = enclosure && assetAt(stated(enclosure, 'url') ?? '', base);
    return [
      {
        version,
        assets: asset === null ? [] : [asset],
        publishedAt: timeOf(stated(item, 'pubDate')),
        notesUrl: webAddress(stated(item, 'releaseNotesLink') ?? stated(item, 'fullReleaseNotesLink'), base),
        cveIds: cveIdsIn(stated(item, 'description')),
        // Items of a channel are for those who chose it; some vendors say it in the title alone.
        isMarkedPrerelease:
          stated(item, 'channel') !== null || looksLikePrerelease(stated(item, 'title') ?? ''),
      },
    ];
  });
}

function isFor(os: string | null, wanted: string): boolean {
  const name = os?.toLowerCase() ?? wanted;
  return name === wanted || name.startsWith(`${wanted}-`);
}

/** What people see before what programs compare, on the enclosure or in the item, else in the title. */
function versionOf(item: XmlElement, enclosure: XmlElement | null, options: Options): string | null {
  const value = ['shortVersionString', 'version']
    .flatMap((name) => [enclosure && stated(enclosure, name), stated(item, name)])
    .find((text) => text !== null && text !== '');
  const title = stated(item, 'title') ?? '';
  const text = value ?? /\d+(?:\.\d+)+\S{0,40}/.exec(title.slice(0, 300))?.[0] ?? null;
  if (text === null) return null;
  if (options.pattern === undefined) return bare(text);
  const match = options.pattern.first(text) ?? options.pattern.first(title);
  return match && versionIn(match, options.replace);
}

/** `v4.41.2 (191736)`: what people see may carry the build as well. */
function bare(text: string): string {
  return text.replace(/^v(?=\d)/i, '').replace(/\s*\([^()]{0,100}\)$/, '');
}

/** An attribute or a child element: `sparkle:version` is either. */
function stated(from: XmlElement, name: string): string | null {
  const attribute = from.attributes.find(({ localName }) => localName === name)?.value;
  const child = attribute === undefined ? childOf(from, name) : null;
  const text = attribute ?? (child === null ? '' : textOf(child));
  return text.trim() === '' ? null : text.trim();
}

function webAddress(text: string | null, base: string): string | null {
  const url = text !== null && URL.canParse(text, base) ? new URL(text, base) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : null;
}

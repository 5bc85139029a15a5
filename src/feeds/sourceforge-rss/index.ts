import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { compilePattern } from '../../text/pattern.js';
import { attributeOf, childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { malformed, xmlOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { type Found, releasesOf, timeOf } from '../found.js';
import { LooseSize } from '../loose.js';
import { decodeOptions, OrderName, PatternText, remarks, required, versionPattern } from '../options.js';
import { assetsOf } from '../stated-file.js';
import { versionIn } from '../version-text.js';

/** What looks like a version, for projects of which nothing more is known. */
const DOTTED_NUMBERS = compilePattern('(\\d+(?:\\.\\d+)+)');

const Options = z.strictObject({
  ...remarks,
  ...versionPattern,
  type: z.literal('sourceforge-rss'),
  project: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the name of a project')
    .optional(),
  /** A folder of the project's files. */
  path: z.string().min(1).max(300).optional(),
  /** Of a file's path in the project, which is the title of its item; files that do not match are others. */
  pattern: PatternText.default(DOTTED_NUMBERS),
  order: OrderName.default('max'),
});
type Options = z.infer<typeof Options>;

/** The files of a SourceForge project, one item each, the last uploaded first. */
export const sourceforgeRss: FeedReader = {
  type: 'sourceforge-rss',
  request(feed) {
    const { project, path } = decodeOptions(Options, feed);
    const query = path === undefined ? '' : `?path=${folderQuery(path)}`;
    return {
      url: `https://sourceforge.net/projects/${required(project, 'project')}/rss${query}`,
      headers: { accept: 'application/rss+xml, application/xml;q=0.9, */*;q=0.1' },
    };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const items = itemsOf(response);
    const found = items.flatMap((item) => foundIn(item, response, options) ?? []);
    if (found.length === 0) throw noneFits(response, items, options);
    const releases = releasesOf(found, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

/** `/KeePass 2.x` is written in a definition as it stands, or encoded already. */
function folderQuery(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return rooted
    .split('/')
    .map((part) => encodeURIComponent(decoded(part)))
    .join('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function itemsOf(response: FeedResponse): readonly XmlElement[] {
  const root = xmlOf(response);
  const channel = root.localName === 'rss' ? childOf(root, 'channel') : null;
  if (channel === null)
    throw malformed(response, 'RSS with a channel of files', `XML with the root ${root.localName}`);
  return childElements(channel, 'item');
}

function foundIn(item: XmlElement, response: FeedResponse, options: Options): Found | null {
  const match = options.pattern.first(textIn(item, 'title').slice(0, 1000));
  const version = match && versionIn(match, options.replace);
  if (version === null || version === '') return null;
  return {
    version: version.trim(),
    assets: assetsIn(item, response.finalUrl),
    publishedAt: timeOf(textIn(item, 'pubDate')),
  };
}

/** Of the digests, MD5 vouches for nothing; some files have a SHA-1 beside it. */
function assetsIn(item: XmlElement, base: string): readonly ReleaseAsset[] {
  const media = childElements(item, 'content').find((one) => attributeOf(one, 'filesize') !== null);
  const hashes = media === undefined ? [] : childElements(media, 'hash');
  const sha1 = hashes.find((one) => /^sha-?1$/i.test(attributeOf(one, 'algo') ?? ''));
  return assetsOf(
    {
      url: textIn(item, 'link'),
      sizeBytes: LooseSize.parse(media && attributeOf(media, 'filesize')),
      sha1: sha1 && textOf(sha1),
    },
    base,
  );
}

function textIn(item: XmlElement, name: string): string {
  const child = childOf(item, name);
  return child === null ? '' : textOf(child).trim();
}

function noneFits(response: FeedResponse, items: readonly XmlElement[], { pattern }: Options) {
  const titles = items.slice(0, 5).map((item) => textIn(item, 'title'));
  return malformed(
    response,
    `a file like ${pattern.source}`,
    `${items.length} files${titles.length === 0 ? '' : `: ${titles.join(', ')}`}`,
  );
}

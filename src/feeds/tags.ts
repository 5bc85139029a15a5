import { z } from 'zod';
import { cveIdsIn } from '../core/cve.js';
import { PermanentError, printable } from '../core/errors.js';
import type { VersionScheme } from '../core/ports.js';
import type { FeedResponse, Release, ReleaseAsset } from '../core/release.js';
import { chooseReleases } from './choose.js';
import { type Found, releasesOf, timeOf } from './found.js';
import { OrderName, PatternText } from './options.js';
import { templateReader } from './tag-template.js';
import { versionIn } from './version-text.js';

/** What a feed of tags may say about them, on whichever host they are. */
export const tagOptions = {
  perPage: z.int().min(1).max(100).default(30),
  /** Tags that do not begin so belong to something else. */
  tagFilter: z.string().min(1).optional(),
  /** The version is the group `version`, or group 1; tags that do not match belong to something else. */
  tagPattern: PatternText.optional(),
  /** Another name for `tagPattern`. */
  pattern: PatternText.optional(),
  replace: z.string().min(1).optional(),
  /** Removed from what the pattern leaves. */
  tagStrip: PatternText.optional(),
  order: OrderName.default('max'),
  /** True: what the vendor marks as a prerelease is what this product follows. */
  prerelease: z.boolean().default(false),
  excludePrerelease: z.boolean().optional(),
  /** How the vendor makes a tag, `Wave-{version}`: where no pattern says what the version is. */
  tagTemplate: z.string().max(200).optional(),
  tagSample: z.string().optional(),
  tagSampleVersion: z.string().optional(),
  tagVerified: z.union([z.boolean(), z.literal('partial')]).optional(),
} as const;

const TagOptions = z.object(tagOptions);
type TagOptions = z.infer<typeof TagOptions>;

/** A tag of a repository, with what its host says about it. */
export interface Tagged {
  readonly tag: string;
  readonly title?: string | null | undefined;
  readonly isPrerelease?: boolean | null | undefined;
  readonly publishedAt?: string | null | undefined;
  readonly assets?: readonly ReleaseAsset[];
  readonly notesUrl?: string | null | undefined;
  /** Of a release: what is looked through for what it mends. */
  readonly notes?: string | null | undefined;
  /** Read from elsewhere than the tag; null: what stands there is another product's. */
  readonly version?: string | null;
}

/** The versions of this product among the tags. PermanentError `feed.no-release` that names tags where none is one. */
export function releasesOfTags(
  response: FeedResponse,
  tags: readonly Tagged[],
  options: TagOptions,
  scheme: VersionScheme,
): readonly Release[] {
  const versionOf = versionReader(tags, options);
  const found = tags.flatMap((one) => {
    const version = (one.version === undefined ? versionOf(one.tag) : one.version)?.trim() ?? '';
    return version === '' ? [] : [foundAt(one, version)];
  });
  if (found.length === 0 && tags.length > 0) throw noneMatches(response, tags, options);
  const releases = releasesOf(found, options);
  return chooseReleases(releases, options.order, scheme);
}

function foundAt(
  { title, isPrerelease, publishedAt, assets = [], notesUrl, notes }: Tagged,
  version: string,
): Found {
  return {
    version,
    assets,
    publishedAt: timeOf(publishedAt),
    notesUrl: notesUrl ?? null,
    cveIds: cveIdsIn(notes),
    isMarkedPrerelease: isPrerelease === true,
    // No host has a mark for it; vendors who leave a bad release up say so in its title.
    isWithdrawn: /\b(?:withdrawn|yanked|retracted|recalled|revoked|do not (?:use|install))\b/i.test(
      (title ?? '').slice(0, 500),
    ),
  };
}

type VersionOf = (tag: string) => string | null;

function versionReader(tags: readonly Tagged[], options: TagOptions): VersionOf {
  const { tagFilter, tagPattern = options.pattern, tagStrip, replace } = options;
  const plain = tagPattern === undefined ? plainReader(tags, tagFilter, tagStrip) : null;
  const byTemplate = templateReader(options.tagTemplate);
  return (tag) => {
    if (tag.length > 300 || (tagFilter !== undefined && !tag.startsWith(tagFilter))) return null;
    if (plain !== null) return byTemplate(tag) ?? plain(tag);
    const match = tagPattern?.first(tag);
    const text = match ? versionIn(match, replace) : null;
    const version = text === null ? null : (tagStrip?.remove(text) ?? text);
    if (version === null || /^\d/.test(version)) return version;
    return byTemplate(tag) ?? version.replace(LEFT_OVER, '');
  };
}

/** Of a tag in another spelling than the pattern is written for: `v.3.6.0`. */
const LEFT_OVER = /^[-._ ](?=\d)/;

/** What says that a version follows, and not whose: `v`, `release-`, `Version `, `releases/v`. */
const SAYS_VERSION = /^(?:(?:releases?|rel|version|ver|v)[-_./ ]?){0,2}(?=\d)/i;

/** Where no pattern says it: what follows a `v`, or the word that every tag begins with (`jdk-21.0.2+13`). */
function plainReader(
  tags: readonly Tagged[],
  filter: string | undefined,
  strip: TagOptions['tagStrip'],
): VersionOf {
  const stripped = (tag: string) => (strip === undefined ? tag : strip.remove(tag)).trim();
  const ours = tags.filter(({ tag }) => filter === undefined || tag.startsWith(filter));
  const [word = '', ...others] = new Set(ours.map(({ tag }) => wordBefore(stripped(tag)).toLowerCase()));
  return (tag) => {
    const text = stripped(tag);
    const rest = others.length === 0 ? text.slice(word.length) : text.replace(SAYS_VERSION, '');
    return /^\d/.test(rest) ? rest : null;
  };
}

function wordBefore(tag: string): string {
  return /^[^\d]{0,100}(?=\d)/.exec(tag)?.[0] ?? '';
}

function noneMatches(
  response: FeedResponse,
  tags: readonly Tagged[],
  { tagFilter, tagPattern, pattern }: TagOptions,
): PermanentError {
  const like = (tagPattern ?? pattern)?.source ?? `${tagFilter ?? ''}1.2.3`;
  const some = tags.slice(0, 5).map(({ tag }) => tag);
  return new PermanentError('feed.no-release', 'no tag of the feed is a version of this product', {
    where: printable(response.finalUrl, 300),
    expected: `a tag like ${like}`,
    found: printable(some.join(', '), 300),
    nextStep: 'correct tagPattern in the definition',
  });
}

/** `owner/name` of a repository. */
export const Repository = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'must be "owner/name"');

/** A host that anyone may run, with its port where it is not 443. */
export const Host = z.string().regex(/^[\w-]+(?:\.[\w-]+)*(?::\d{1,5})?$/, 'must be the name of a host');

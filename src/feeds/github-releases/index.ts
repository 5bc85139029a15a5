import { z } from 'zod';
import { PermanentError, printable } from '../../core/errors.js';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, Release, ReleaseAsset } from '../../core/release.js';
import { describeValue, jsonOf, malformed } from '../answer.js';
import { taggedDigests } from '../assets.js';
import { newestFirst } from '../choose.js';
import { decodeOptions, PatternText, remarks } from '../options.js';
import { versionIn } from '../version-text.js';

const Options = z.strictObject({
  ...remarks,
  type: z.literal('github-releases'),
  repo: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'must be "owner/name"'),
  /** `latest`: the one that the vendor marks so; absent or `list`: the newest of the list by its version. */
  endpoint: z.enum(['latest', 'list']).optional(),
  perPage: z.int().min(1).max(100).default(30),
  /** Tags that do not begin so belong to something else. */
  tagFilter: z.string().min(1).optional(),
  /** The version is the group `version`, or group 1; tags that do not match belong to something else. */
  tagPattern: PatternText.optional(),
  replace: z.string().min(1).optional(),
  /** Removed from what the pattern leaves. */
  tagStrip: PatternText.optional(),
  /** True: what the vendor marks as a prerelease is what this product follows. */
  prerelease: z.boolean().default(false),
  tagTemplate: z.string().optional(),
  tagSample: z.string().optional(),
  tagSampleVersion: z.string().optional(),
  tagVerified: z.union([z.boolean(), z.literal('partial')]).optional(),
  fetchUrlsFromApi: z.boolean().optional(),
  fetchLatest: z.boolean().optional(),
});
type Options = z.infer<typeof Options>;

/** The answer of `GET /repos/{owner}/{repo}/releases`, and of `/latest`: the members that are used. */
const Asset = z.object({
  name: z.string(),
  browser_download_url: z.string(),
  size: z.int().min(0).nullish(),
  state: z.string().nullish(),
  digest: z.string().nullish(),
});
const Entry = z.object({
  tag_name: z.string(),
  name: z.string().nullish(),
  draft: z.boolean().default(false),
  prerelease: z.boolean().default(false),
  published_at: z.string().nullish(),
  html_url: z.string().nullish(),
  assets: z.array(Asset).default([]),
});
type Entry = z.infer<typeof Entry>;

/** Releases of a repository on GitHub. */
export const githubReleases: FeedReader = {
  type: 'github-releases',
  request(feed) {
    const { repo, endpoint, perPage } = decodeOptions(Options, feed);
    return {
      url: `https://api.github.com/repos/${repo}/releases${endpoint === 'latest' ? '/latest' : `?per_page=${perPage}`}`,
      headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const entries = entriesIn(response).filter(({ draft }) => !draft);
    const releases = entries.flatMap((entry) => releaseOf(entry, options) ?? []);
    if (releases.length === 0 && entries.length > 0) throw noneMatches(response, entries, options);
    return newestFirst(releases, scheme);
  },
};

function entriesIn(response: FeedResponse): readonly Entry[] {
  const value = jsonOf(response);
  const decoded = z.array(Entry).safeParse(Array.isArray(value) ? value : [value]);
  if (decoded.success) return decoded.data;
  const issue = decoded.error.issues[0];
  const place = issue === undefined ? '' : `; ${issue.path.join('.')}: ${issue.message}`;
  throw malformed(response, 'releases as the GitHub API gives them', `${describeValue(value)}${place}`);
}

function releaseOf(entry: Entry, options: Options): Release | null {
  const version = versionOfTag(entry.tag_name, options);
  if (version === null) return null;
  return {
    version,
    prerelease: entry.prerelease && !options.prerelease,
    publishedAt: isoTime(entry.published_at),
    assets: entry.assets.filter(({ state }) => (state ?? 'uploaded') === 'uploaded').map(assetOf),
    notesUrl: entry.html_url ?? null,
    // GitHub has no mark for it; vendors who leave a bad release up say so in its title.
    withdrawn: /\b(?:withdrawn|yanked|retracted|recalled)\b/i.test((entry.name ?? '').slice(0, 500)),
  };
}

function versionOfTag(tag: string, { tagFilter, tagPattern, tagStrip, replace }: Options): string | null {
  if (tag.length > 300 || (tagFilter !== undefined && !tag.startsWith(tagFilter))) return null;
  const match = tagPattern?.first(tag);
  if (match === null) return null;
  const text = match === undefined ? tag.replace(/^v(?=\d)/i, '') : versionIn(match, replace);
  return text === null || tagStrip === undefined ? text : tagStrip.remove(text);
}

function assetOf(asset: Entry['assets'][number]): ReleaseAsset {
  return {
    name: asset.name,
    url: asset.browser_download_url,
    sizeBytes: asset.size ?? null,
    digests: taggedDigests(asset.digest ?? null),
  };
}

function isoTime(text: string | null | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function noneMatches(response: FeedResponse, entries: readonly Entry[], options: Options): PermanentError {
  const { tagFilter, tagPattern } = options;
  return new PermanentError('feed.no-release', 'no tag of the feed is a version of this product', {
    where: printable(response.finalUrl, 300),
    expected: `a tag like ${tagPattern?.source ?? `${tagFilter ?? ''}...`}`,
    found: printable(
      entries
        .slice(0, 5)
        .map((one) => one.tag_name)
        .join(', '),
      300,
    ),
    nextStep: 'correct tagPattern in the definition',
  });
}

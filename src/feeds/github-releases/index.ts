import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { taggedDigests } from '../assets.js';
import { githubProbe } from '../github-probe.js';
import { githubRequest } from '../github-request.js';
import { entriesIn, LooseFlag, LooseSize, LooseText, looseList } from '../loose.js';
import { decodeOptions, PatternText, remarks, required } from '../options.js';
import { assetsOf } from '../stated-file.js';
import { Repository, releasesOfTags, type Tagged, tagOptions } from '../tags.js';
import { JsonPathText, versionAtPath } from './path.js';

const Options = z.strictObject({
  ...remarks,
  ...tagOptions,
  type: z.literal('github-releases'),
  repo: Repository.optional(),
  /** `latest`: the one that the vendor marks so; absent or `list`: the newest of the list by its version. */
  endpoint: z.enum(['latest', 'list']).optional(),
  /** Where in a release its version stands, when that is not its tag: `assetPattern`, or `tagPattern`, is then on that. */
  path: JsonPathText.optional(),
  /** Without `path`: which files of a release are meant, by their names. */
  assetPattern: PatternText.optional(),
  fetchUrlsFromApi: z.boolean().optional(),
  fetchLatest: z.boolean().optional(),
});
type Options = z.infer<typeof Options>;

/** The answer of `GET /repos/{owner}/{repo}/releases`, and of `/latest`: the members that are used. */
const Asset = z.object({
  name: z.string(),
  browser_download_url: z.string(),
  size: LooseSize,
  state: LooseText,
  digest: LooseText,
});
const Entry = z.looseObject({
  tag_name: z.string(),
  name: LooseText,
  draft: LooseFlag,
  prerelease: LooseFlag,
  created_at: LooseText,
  published_at: LooseText,
  html_url: LooseText,
  body: LooseText,
  assets: looseList(Asset),
});
type Entry = z.infer<typeof Entry>;

/** Releases of a repository on GitHub. */
export const githubReleases: FeedReader = {
  type: 'github-releases',
  probe: githubProbe('releases', (feed) => required(decodeOptions(Options, feed).repo, 'repo')),
  request(feed) {
    const { repo, endpoint, perPage } = decodeOptions(Options, feed);
    const what = endpoint === 'latest' ? 'releases/latest' : `releases?per_page=${perPage}`;
    return githubRequest(required(repo, 'repo'), what);
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const entries = entriesIn(response, Entry, 'releases as the GitHub API gives them');
    const tags = entries.filter(({ draft }) => draft !== true).map((entry) => taggedOf(entry, options));
    return releasesOfTags(response, tags, options, scheme);
  },
};

function taggedOf(entry: Entry, options: Options): Tagged {
  const { path, assetPattern, tagPattern, replace } = options;
  const pattern = assetPattern ?? tagPattern;
  const isAtPath = path !== undefined && pattern !== undefined;
  return {
    tag: entry.tag_name,
    title: entry.name,
    isPrerelease: entry.prerelease,
    publishedAt: entry.published_at ?? entry.created_at,
    assets: entry.assets.flatMap((asset) =>
      path === undefined && assetPattern?.test(asset.name) === false ? [] : uploaded(asset),
    ),
    notesUrl: entry.html_url,
    notes: entry.body,
    ...(isAtPath ? { version: versionAtPath(entry, path, pattern, replace) } : {}),
  };
}

function uploaded({ name, browser_download_url: url, size, state, digest }: z.infer<typeof Asset>) {
  if ((state ?? 'uploaded') !== 'uploaded') return [];
  const digests = taggedDigests(digest ?? null);
  return assetsOf({ url, name, sizeBytes: size, ...digests }, 'https://github.com/');
}

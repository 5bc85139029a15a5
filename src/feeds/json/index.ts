import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, Release } from '../../core/release.js';
import { compileJsonPath } from '../../text/json-path/index.js';
import { describeValue, jsonOf, malformed, textOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { foundInText, releasesOf } from '../found.js';
import { decodeOptions, FeedUrl, PatternText, refused, remarks, UserAgent } from '../options.js';
import { looksLikePrerelease, versionIn } from '../version-text.js';

const Path = z.string().min(1).transform(refused(compileJsonPath));

const Options = z
  .strictObject({
    ...remarks,
    type: z.literal('json'),
    url: FeedUrl,
    userAgent: UserAgent.optional(),
    /** Where the versions are; absent: `pattern` searches the whole answer. */
    path: Path.optional(),
    /** Of a version that is a list: what stands between its parts. */
    join: z.string().max(5).optional(),
    /** The version is the group `version`, or group 1; values that do not match are none. */
    pattern: PatternText.optional(),
    patternVerified: z.boolean().optional(),
    replace: z.string().min(1).optional(),
    order: z.enum(['max', 'last']).optional(),
    /** True: versions that look like prereleases are what this product follows. */
    prerelease: z.boolean().default(false),
    /** The addresses of the files, one for each version, and their digests. */
    downloadPath: Path.optional(),
    sha256Path: Path.optional(),
  })
  .refine(({ path, pattern }) => path !== undefined || pattern !== undefined, 'needs path or pattern');
type Options = z.infer<typeof Options>;

/** Versions at a path of a JSON document. */
export const json: FeedReader = {
  type: 'json',
  request(feed) {
    const { url, userAgent } = decodeOptions(Options, feed);
    return { url, headers: { accept: 'application/json', ...(userAgent && { 'user-agent': userAgent }) } };
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const { path, pattern, replace, prerelease } = options;
    const releases =
      path === undefined && pattern !== undefined
        ? releasesOf(foundInText(response, textOf(response), { pattern, replace }), {
            followsPrereleases: prerelease,
          })
        : releasesAt(response, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function releasesAt(response: FeedResponse, options: Options): readonly Release[] {
  const document = jsonOf(response);
  const values = options.path?.select(document) ?? [];
  if (values.length === 0) throw malformed(response, 'a version at the path', describeValue(document));
  const addresses = alongside(response, options.downloadPath?.select(document), values.length);
  const digests = alongside(response, options.sha256Path?.select(document), values.length);
  return values.flatMap((value, index) => {
    const version = versionOf(response, value, options);
    const address = addresses[index];
    const digest = digests[index];
    const asset =
      typeof address === 'string'
        ? assetAt(address, response.finalUrl, typeof digest === 'string' ? digest : null)
        : null;
    return version === null ? [] : [releaseOf(version, asset === null ? [] : [asset], options)];
  });
}

/** Files belong to versions by their place in the list. */
function alongside(
  response: FeedResponse,
  values: readonly unknown[] | undefined,
  count: number,
): readonly unknown[] {
  if (values === undefined || values.length === count) return values ?? [];
  throw malformed(response, `as many files or digests as versions (${count})`, `${values.length}`);
}

/** Null is a version that is not there; any other value that is no text says that the path leads elsewhere. */
function versionOf(response: FeedResponse, value: unknown, options: Options): string | null {
  const text =
    Array.isArray(value) && options.join !== undefined && value.every(isScalar)
      ? value.join(options.join)
      : value;
  if (text === null) return null;
  if (!isScalar(text)) throw malformed(response, 'a text or number at the path', describeValue(text));
  if (options.pattern === undefined) return String(text).trim();
  const match = options.pattern.first(String(text));
  return match && versionIn(match, options.replace);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function releaseOf(version: string, assets: Release['assets'], options: Options): Release {
  return {
    version,
    prerelease: !options.prerelease && looksLikePrerelease(version),
    publishedAt: null,
    assets,
    notesUrl: null,
    withdrawn: false,
  };
}

import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { describeText, malformed, textOf, yamlOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { releasesOf, timeOf } from '../found.js';
import { LooseSize, LooseText, looseList } from '../loose.js';
import {
  address,
  currentVersion,
  decodeOptions,
  PatternText,
  requestAt,
  versionPattern,
} from '../options.js';
import { assetsOf } from '../stated-file.js';
import { versionIn } from '../version-text.js';

const Options = z.strictObject({
  ...address,
  ...currentVersion,
  ...versionPattern,
  type: z.literal('electron-updater'),
  /** On the document's text, where its own `version` is not what people see. */
  pattern: PatternText.optional(),
  /** The only place there is. */
  key: z.literal('version').optional(),
});
type Options = z.infer<typeof Options>;

/** `latest.yml` as electron-builder writes it; `path`, `sha512` and `sha2` are the form before `files`. */
const File = z.object({ url: z.string(), sha512: LooseText, sha2: LooseText, size: LooseSize });
const Latest = z.object({
  version: LooseText,
  files: looseList(File),
  path: LooseText,
  sha512: LooseText,
  sha2: LooseText,
  releaseDate: LooseText,
});
type Latest = z.infer<typeof Latest>;

/**
 * The update document of programs with electron-updater: one version. A staged rollout (`stagingPercentage`) says only
 * who is offered it first.
 */
export const electronUpdater: FeedReader = {
  type: 'electron-updater',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'text/yaml, text/plain, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const text = textOf(response);
    const decoded = Latest.safeParse(yamlOf(response));
    const version = decoded.success ? versionOf(decoded.data, text, options) : '';
    if (!decoded.success || version === '') {
      const like = options.pattern === undefined ? '' : ` like ${options.pattern.source}`;
      throw malformed(response, `a latest.yml with a version${like}`, describeText(text));
    }
    const { releaseDate } = decoded.data;
    const found = [{ version, assets: filesOf(decoded.data, response), publishedAt: timeOf(releaseDate) }];
    const releases = releasesOf(found, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function versionOf({ version }: Latest, text: string, { pattern, replace }: Options): string {
  if (pattern === undefined) return version?.trim() ?? '';
  const match = pattern.first(text);
  return (match && versionIn(match, replace)?.trim()) ?? '';
}

function filesOf({ files, path, sha512, sha2 }: Latest, { finalUrl }: FeedResponse): readonly ReleaseAsset[] {
  const legacy = path ? [{ url: path, sha512, sha2, size: null }] : [];
  const stated = files.map((file) => (file.url === path ? { ...file, sha2: file.sha2 ?? sha2 } : file));
  return (stated.length > 0 ? stated : legacy).flatMap(({ url, size, ...digests }) =>
    assetsOf({ url, sizeBytes: size, sha512: digests.sha512, sha256: digests.sha2 }, finalUrl),
  );
}

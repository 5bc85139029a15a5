import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { describeText, malformed, textOf } from '../answer.js';
import { chooseReleases } from '../choose.js';
import { type Found, releasesOf } from '../found.js';
import {
  address,
  currentVersion,
  decodeOptions,
  OrderName,
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
  type: z.literal('squirrel-releases'),
  /** On each file's name, where its version is not at the end of it. */
  pattern: PatternText.optional(),
  order: OrderName.default('max'),
});
type Options = z.infer<typeof Options>;

/** SHA-1, file (or its address) and size; a comment, such as the percentage of a staged rollout, may follow. */
const LINE = /^([0-9a-f]{40})\s+(\S.*?)\s+(\d{1,15})\s*(?:#.*)?$/i;
/** [Squirrel] ReleaseExtensions.ToVersion: at the end of a file's name, without what tells full from delta packages. */
const VERSION = /\d+(?:\.\d+){0,3}(?:-[a-z][0-9a-z.-]*)?$/i;
const MOST_LINES = 20_000;

/** The file RELEASES of programs with Squirrel.Windows: their packages, the oldest first. */
export const squirrelReleases: FeedReader = {
  type: 'squirrel-releases',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'text/plain, */*;q=0.1');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const text = textOf(response);
    const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/, MOST_LINES);
    const found = lines.flatMap((line) => packageIn(line.trim(), response.finalUrl, options));
    if (found.length === 0) throw malformed(response, 'lines of SHA-1, package and size', describeText(text));
    const releases = releasesOf(found, options);
    return chooseReleases(releases, options.order, scheme);
  },
};

function packageIn(line: string, base: string, { pattern, replace }: Options): readonly Found[] {
  const [, sha1, file = '', size] = (line.length > 2000 ? null : LINE.exec(line)) ?? [];
  const name = (file.split(/[?#]/)[0] ?? '').replace(/^.*\//, '');
  if (sha1 === undefined || /-delta\.nupkg$/i.test(name)) return [];
  const match = pattern?.first(name);
  const bare = name.replace(/(?:-full)?\.nupkg$/i, '');
  const version = match === undefined ? VERSION.exec(bare)?.[0] : match && versionIn(match, replace);
  if (!version) return [];
  return [{ version: version.trim(), assets: assetsOf({ url: file, sizeBytes: Number(size), sha1 }, base) }];
}

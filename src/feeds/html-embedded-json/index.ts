import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import type { FeedResponse } from '../../core/release.js';
import { findEmbeddedJson } from '../../text/embedded-json.js';
import { compileJsonPath } from '../../text/json-path/index.js';
import type { Pattern } from '../../text/pattern.js';
import { describeText, malformed, pageOf } from '../answer.js';
import { assetAt } from '../assets.js';
import { chooseReleases } from '../choose.js';
import { foundIn } from '../document.js';
import { type Found, foundInText, releasesOf } from '../found.js';
import { findKey } from '../key.js';
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

const Options = z
  .strictObject({
    ...address,
    ...currentVersion,
    ...versionPattern,
    type: z.literal('html-embedded-json'),
    /** Where the versions are in the first JSON of the page in which there is something. */
    path: z.string().min(1).transform(refused(compileJsonPath)).optional(),
    key: z.string().min(1).max(200).optional(),
    join: z.string().max(5).optional(),
    /** With `path` or `key`: of each version. Else what it finds on the page is the version, or JSON with one. */
    pattern: PatternText.optional(),
  })
  .refine(
    ({ path, key, pattern }) => path ?? key ?? pattern,
    'needs path, key or pattern: where the version is',
  );
type Options = z.infer<typeof Options>;

const ANY_VERSION = compileJsonPath('$..version');
const EVERYTHING = compileJsonPath('$..*');
const FILE_ADDRESS = /^https?:\/\/\S+\.(?:exe|ms[ip]|msix|zip|7z)(?:[?#]|$)/i;

/** Versions in JSON that stands in a web page or a script. */
export const htmlEmbeddedJson: FeedReader = {
  type: 'html-embedded-json',
  request(feed) {
    return requestAt(decodeOptions(Options, feed), 'text/html, */*;q=0.5');
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const isPlaced = (options.path ?? options.key) !== undefined;
    const found = isPlaced ? inJson(response, options) : byPattern(response, options);
    return chooseReleases(releasesOf(found, options), options.order ?? (isPlaced ? 'max' : 'first'), scheme);
  },
};

function inJson(response: FeedResponse, options: Options): readonly Found[] {
  const page = pageOf(response);
  const documents = findEmbeddedJson(page);
  for (const document of documents) {
    const nodes = options.path?.find(document) ?? findKey(document, options.key ?? '');
    if (nodes.length > 0) return foundIn(response, document, options.path, options);
  }
  throw malformed(
    response,
    'JSON with a version at the path',
    `${describeText(page)} with ${documents.length} pieces of JSON`,
  );
}

/** A page has many numbers: those in the addresses of files that its JSON names come first. */
function foundInAddresses(
  document: unknown,
  { finalUrl }: FeedResponse,
  pattern: Pattern,
  replace: string | undefined,
): readonly Found[] {
  return EVERYTHING.select(document).flatMap((address): readonly Found[] => {
    const asset =
      typeof address === 'string' && FILE_ADDRESS.test(address) ? assetAt(address, finalUrl) : null;
    const match = asset && pattern.first(asset.url);
    const version = match && versionIn(match, replace);
    return asset && version ? [{ version, assets: [asset] }] : [];
  });
}

function byPattern(response: FeedResponse, { pattern, replace }: Options): readonly Found[] {
  if (pattern === undefined) return [];
  const page = pageOf(response);
  const [document] = findEmbeddedJson(pattern.first(page)?.group(1)?.trim() ?? '');
  if (document !== undefined) return foundIn(response, document, ANY_VERSION, {});
  const inAddresses = findEmbeddedJson(page).flatMap((one) =>
    foundInAddresses(one, response, pattern, replace),
  );
  return inAddresses.length > 0 ? inAddresses : foundInText(response, page, { pattern, replace });
}

import { z } from 'zod';
import type { FeedReader } from '../core/ports.js';
import type { FeedResponse } from '../core/release.js';
import { scalarText } from '../text/json-numbers.js';
import { compileJsonPath, type JsonNode } from '../text/json-path/index.js';
import { describeValue, jsonOf, malformed } from './answer.js';
import { chooseReleases } from './choose.js';
import { type Found, releasesOf } from './found.js';
import { messageIn } from './loose.js';
import { address, decodeOptions, refused, requestAt, versionPattern } from './options.js';
import { pickedFirst } from './picked.js';

/** What a feed may say whose answer is one JSON document of a known shape. */
export const documentOptions = {
  ...address,
  ...versionPattern,
  /** Which version of the document is meant. */
  path: z.string().min(1).max(500).transform(refused(withSource)).optional(),
} as const;

function withSource(source: string) {
  return { source, ...compileJsonPath(source) };
}

const DocumentOptions = z.object(documentOptions);
export type DocumentOptions = z.infer<typeof DocumentOptions>;

interface DocumentType<Options extends DocumentOptions> {
  readonly type: string;
  readonly options: z.ZodType<Options>;
  /** In words, for whoever finds something else there. */
  readonly expected: string;
  /** Every version of the document with what stands beside it; an empty list where it has none of the known shape. */
  found(document: unknown, response: FeedResponse, options: Options): readonly Found[];
}

/** A reader of documents of one shape: what `path` picks comes first, then the others. */
export function documentReader<Options extends DocumentOptions>(is: DocumentType<Options>): FeedReader {
  return {
    type: is.type,
    request(feed) {
      return requestAt(decodeOptions(is.options, feed), 'application/json');
    },
    parse(response, feed, scheme) {
      const options = decodeOptions(is.options, feed);
      const document = jsonOf(response);
      const picked = (options.path?.find(document) ?? []).flatMap(versionAt);
      const all = pickedFirst(picked, is.found(document, response, options));
      if (all.length === 0 || (options.path !== undefined && picked.length === 0))
        throw malformed(response, is.expected, `${describeValue(document)}${messageIn(document)}`);
      const releases = releasesOf(all, options);
      return chooseReleases(releases, options.order, scheme);
    },
  };
}

function versionAt(node: JsonNode): readonly string[] {
  const { value } = node;
  const isScalar = typeof value === 'string' || typeof value === 'number';
  const text = isScalar ? scalarText({ ...node, value }).trim() : '';
  return text === '' || text.length > 200 ? [] : [text];
}

import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { FeedReader } from '../core/ports.js';
import type { FeedResponse } from '../core/release.js';
import { scalarText } from '../text/json-numbers.js';
import { compileJsonPath, type JsonNode, type JsonPath } from '../text/json-path/index.js';
import { describeValue, malformed, textOf } from './answer.js';
import { assetAt } from './assets.js';
import { createBesideReader } from './beside.js';
import { chooseReleases, type Order } from './choose.js';
import { type Found, foundInText, refuseTooMany, releasesOf } from './found.js';
import { findKey } from './key.js';
import {
  address,
  currentVersion,
  decodeOptions,
  PatternText,
  refused,
  requestAt,
  versionPattern,
} from './options.js';
import { versionIn, withoutV } from './version-text.js';

const Path = z.string().min(1).transform(refused(compileEntryPath));

const Options = z.strictObject({
  ...address,
  ...currentVersion,
  ...versionPattern,
  type: z.string(),
  /** Where the versions are, or the objects that have them as `version` or `name`. */
  path: Path.optional(),
  /** The same by a name, or `section.name`. */
  key: z.string().min(1).max(200).optional(),
  /** Of a version that is a list: what stands between its parts; of numbers a dot, if absent. */
  join: z.string().max(5).optional(),
  /** The version is the group `version`, or group 1; values that do not match are none. */
  pattern: PatternText.optional(),
  /** The addresses of the files, one for each version, and their digests. */
  downloadPath: Path.optional(),
  sha256Path: Path.optional(),
});
type Options = z.infer<typeof Options>;

/** Scripts call the names of members `.Keys`, where a document has no member of that name. */
function compileEntryPath(expression: string): JsonPath {
  const path = compileJsonPath(expression);
  const ofNames = expression.replace(/\.Keys(?=\[|$)/, '.*~');
  if (ofNames === expression) return path;
  const names = compileJsonPath(ofNames);
  return {
    select: (document) =>
      [path, names].map((one) => one.select(document)).find(({ length }) => length > 0) ?? [],
    find: (document) => [path, names].map((one) => one.find(document)).find(({ length }) => length > 0) ?? [],
  };
}

/** A form in which vendors write names and values. */
export interface DocumentForm {
  readonly type: string;
  readonly accept: string;
  /** PermanentError `feed.malformed`. */
  readonly decode: (response: FeedResponse) => unknown;
  /** Where its versions are, when the definition does not say. */
  readonly usualPath?: string;
  readonly usualOrder?: Order;
}

/**
 * Versions at a path or key of a document, with the time, files, digests and notes that stand beside them
 * (`createBesideReader`). Without path and key, `pattern` searches the text.
 */
export function createDocumentReader(form: DocumentForm): FeedReader {
  const usualPath = form.usualPath === undefined ? undefined : compileJsonPath(form.usualPath);
  const optionsOf = (feed: Parameters<FeedReader['request']>[0]): Options => {
    const options = decodeOptions(Options, feed);
    if (options.path ?? options.key ?? options.pattern ?? usualPath) return options;
    throw new PermanentError('definition.invalid', `a feed of type ${form.type} is incomplete`, {
      expected: 'path, key or pattern: where the version is',
      found: 'none of them',
      nextStep: 'complete the feed in the definition',
    });
  };
  return {
    type: form.type,
    request(feed) {
      return requestAt(optionsOf(feed), form.accept);
    },
    parse(response, feed, scheme) {
      const options = optionsOf(feed);
      const { pattern, replace } = options;
      const path =
        options.path ?? (options.key === undefined && pattern === undefined ? usualPath : undefined);
      if (path === undefined && options.key === undefined && pattern !== undefined) {
        const found = foundInText(response, textOf(response), { pattern, replace });
        return chooseReleases(releasesOf(found, options), options.order, scheme);
      }
      const found = foundIn(response, form.decode(response), path, options);
      return chooseReleases(releasesOf(found, options), options.order ?? form.usualOrder ?? 'max', scheme);
    },
  };
}

/** Empty where the vendor says that there is no version (null); PermanentError `feed.malformed` where nothing is one. */
export function foundIn(
  response: FeedResponse,
  document: unknown,
  path: JsonPath | undefined,
  options: Pick<Options, 'key' | 'join' | 'pattern' | 'replace' | 'downloadPath' | 'sha256Path'>,
): readonly Found[] {
  const nodes = path?.find(document) ?? findKey(document, options.key ?? '');
  if (nodes.length === 0) throw malformed(response, 'a version at the path', describeValue(document));
  refuseTooMany(nodes.length);
  const addresses = alongside(response, options.downloadPath?.select(document), nodes.length);
  const digests = alongside(response, options.sha256Path?.select(document), nodes.length);
  const besideOf = createBesideReader(response.finalUrl);
  const found = nodes.flatMap((node, index): readonly Found[] => {
    const version = versionAt(response, node, options);
    if (version === null) return [];
    const asset = fileAt(addresses[index], digests[index], response.finalUrl);
    return [{ ...besideOf(node), version, ...(asset !== null && { assets: [asset] }) }];
  });
  if (found.length > 0 || nodes.every(({ value }) => value === null)) return found;
  const like = options.pattern === undefined ? 'a version' : `a version like ${options.pattern.source}`;
  throw malformed(
    response,
    `${like} at the path`,
    `${nodes.length} values: ${describeValue(nodes[0]?.value)}`,
  );
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

function fileAt(address: unknown, digest: unknown, base: string) {
  if (typeof address !== 'string') return null;
  return assetAt(address, base, typeof digest === 'string' ? digest : null);
}

/** Null is a version that is not there; any other value that is no text says that the path leads elsewhere. */
function versionAt(
  response: FeedResponse,
  node: JsonNode,
  { join, pattern, replace }: Pick<Options, 'join' | 'pattern' | 'replace'>,
): string | null {
  const parts = partsOf(node, join) ?? [ownVersion(node)];
  if (parts[0]?.value === null) return null;
  const text = parts
    .map((one) => {
      if (isScalar(one)) return scalarText(one);
      throw malformed(response, 'a text or number at the path', describeValue(one.value));
    })
    .join(join ?? '.');
  const match = pattern?.first(text);
  const version = match === undefined ? withoutV(text) : match && versionIn(match, replace);
  return version?.trim() || null;
}

/** Of a version that is a list, `[1, 10, 2]`; null: it is none. */
function partsOf(node: JsonNode, join: string | undefined): readonly JsonNode[] | null {
  if (!Array.isArray(node.value) || node.value.length === 0) return null;
  const parts = node.value.map((value: unknown, key) => ({ key, value, parent: node }));
  const isPart = (one: JsonNode) => isScalar(one) && (join !== undefined || typeof one.value === 'number');
  return parts.every(isPart) ? parts : null;
}

/** Of an object: its version, else the name it gives itself. */
function ownVersion(node: JsonNode): JsonNode {
  const { value } = node;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return node;
  const { version, name } = value as { version?: unknown; name?: unknown };
  const own: readonly JsonNode[] = [
    { key: 'version', value: version, parent: node },
    { key: 'name', value: name, parent: node },
  ];
  return own.find(isScalar) ?? node;
}

function isScalar(node: JsonNode): node is JsonNode & { readonly value: string | number } {
  return typeof node.value === 'string' || typeof node.value === 'number';
}

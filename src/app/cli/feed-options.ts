import { PermanentError, printable } from '../../core/errors.js';
import type { FeedReader, VersionScheme } from '../../core/ports.js';
import type { FeedDefinition } from '../../core/product.js';
import { versionSchemes } from '../../core/versions/index.js';
import { feedReaders } from '../../feeds/index.js';
import { parseJson } from '../../text/json.js';

/** Types of the collected facts of which nothing says what to ask; their answers are read all the same. */
const READ_AS: ReadonlyMap<string, string> = new Map([['http-post', 'json']]);

/** PermanentError `definition.invalid` that lists the types. */
export function findReader(type: string): FeedReader {
  const reader = feedReaders.get(READ_AS.get(type) ?? type);
  if (reader !== undefined) return reader;
  throw new PermanentError('definition.invalid', 'no reader of this type of feed', {
    expected: `one of ${[...feedReaders.keys()].join(', ')}`,
    found: printable(type, 60),
    nextStep: 'name one of them with --type',
  });
}

/** The feed and its scheme of versions, from JSON. PermanentError `payload.invalid`. */
export function readOptions({ type, options }: { readonly type: string; readonly options: string }): {
  feed: FeedDefinition;
  scheme: VersionScheme;
} {
  const decoded = decodeJson(options);
  if (typeof decoded !== 'object' || decoded === null || Array.isArray(decoded))
    throw faultIn('--options', 'a JSON object, such as {"path": "$.version"}', options);
  // A member that is null says nothing.
  const members = Object.entries(decoded).filter(([, value]) => value !== null);
  const { versionScheme, ...feed } = Object.fromEntries(members) as Record<string, unknown>;
  return { feed: { ...feed, type: READ_AS.get(type) ?? type }, scheme: findScheme(versionScheme) };
}

/** Undefined where it is no JSON. */
function decodeJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}

/** What the collected facts say of versions' looks. */
const LABEL = /^(?:\d+-part|v-prefix|leading-zero|prerelease|build-metadata)$/;

/** Without one, the scheme that reads most. What vendors' versions are labelled with besides has no scheme of its own. */
function findScheme(wanted: unknown = 'letters'): VersionScheme {
  const names = [wanted].flat();
  const scheme = names.flatMap((name) => versionSchemes.get(String(name)) ?? [])[0];
  if (scheme !== undefined) return scheme;
  if (Array.isArray(wanted) || LABEL.test(String(wanted))) return findScheme();
  throw faultIn('versionScheme', `one of ${[...versionSchemes.keys()].join(', ')}`, String(wanted));
}

/** PermanentError `payload.invalid` about a part of the command. */
export function faultIn(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('payload.invalid', 'the command cannot be carried out as it is given', {
    where,
    expected,
    found: printable(found, 200),
    nextStep: 'patchpress feed parse --help shows what it takes',
  });
}

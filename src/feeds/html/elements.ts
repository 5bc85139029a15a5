import { PermanentError } from '../../core/errors.js';
import type { FeedResponse, ReleaseAsset } from '../../core/release.js';
import { baseOf } from '../../text/html.js';
import { parseHtml } from '../../text/html-tree.js';
import type { Pattern } from '../../text/pattern.js';
import type { PathNode, PathText, XPath } from '../../text/xpath/index.js';
import { describeText, malformed, pageOf, xmlOf } from '../answer.js';
import { assetAt } from '../assets.js';
import type { Found } from '../found.js';
import { findVersion } from '../version-text.js';

/**
 * Versions in what an XPath finds: in the text of an element, else in its attributes, else in those of what is in it.
 * What it links to is a file of that version. PermanentError `feed.malformed` where there is none.
 */
export function inElements(
  response: FeedResponse,
  xpath: XPath,
  options: { readonly pattern?: Pattern | undefined; readonly replace?: string | undefined },
): readonly Found[] {
  const places = placesOn(response, xpath);
  const base = baseOf(pageOf(response), response.finalUrl);
  const found = places.flatMap((place): readonly Found[] => {
    const version = versionAt(place, options);
    return version === null ? [] : [{ version, assets: linkedFrom(place.node, base) }];
  });
  if (found.length > 0) return found;
  const like = options.pattern === undefined ? '' : ` like ${options.pattern.source}`;
  throw malformed(response, `a version${like} at the xpath`, `${places.length} elements there`);
}

/** XPaths are made for pages as browsers show them, or as they are written; a page may be XML after all. */
function placesOn(response: FeedResponse, xpath: XPath): readonly PathText[] {
  const page = pageOf(response);
  if (/^\s*<\?xml\b/.test(page) && !/<html\b/i.test(page.slice(0, 2000)))
    return xpath.findLenient(xmlOf(response));
  try {
    const { asRead, asWritten } = parseHtml(page);
    const found = xpath.findLenient(asRead);
    return found.length > 0 ? found : xpath.findLenient(asWritten());
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== 'payload.invalid') throw error;
    throw malformed(
      response,
      error.expected ?? 'a web page',
      `${describeText(page)} (${error.message})`,
      error,
    );
  }
}

function versionAt({ text, node }: PathText, options: Parameters<typeof findVersion>[1]): string | null {
  for (const candidate of [text, ...attributesIn(node)]) {
    const version = findVersion(candidate, options);
    if (version !== null) return version;
  }
  return null;
}

/** Its own, then those of what is in it; at most so many. */
function attributesIn(node: PathNode | null): readonly string[] {
  const found: string[] = [];
  const open = node === null ? [] : [node];
  for (let next = open.shift(); next !== undefined && found.length < MOST_ATTRIBUTES; next = open.shift()) {
    found.push(...next.attributes().map((attribute) => attribute.text()));
    if (open.length < MOST_ATTRIBUTES) open.push(...next.children());
  }
  return found;
}

const MOST_ATTRIBUTES = 2000;

function linkedFrom(node: PathNode | null, base: string): readonly ReleaseAsset[] {
  const element = node?.kind === 'element' ? node : (node?.parent ?? null);
  const href = element
    ?.attributes()
    .find(({ name }) => name === 'href')
    ?.text();
  const asset = element?.name === 'a' && href !== undefined ? assetAt(href, base) : null;
  return asset === null ? [] : [asset];
}

import { z } from 'zod';
import { compileJsonPath, type JsonPath } from '../../text/json-path/index.js';
import type { Pattern } from '../../text/pattern.js';
import { refused } from '../options.js';
import { versionIn } from '../version-text.js';

export const JsonPathText = z.string().min(1).max(500).transform(refused(compileJsonPath));

/** Of one release; null where nothing at the path matches. The path may count from the release or from the list. */
export function versionAtPath(
  entry: unknown,
  path: JsonPath,
  pattern: Pattern,
  replace: string | undefined,
): string | null {
  const own = path.select(entry);
  const values = (own.length > 0 ? own : path.select([entry])).filter((one) => typeof one === 'string');
  // Some patterns are written for the list as JSON, quotes and commas included.
  for (const text of [...values, values.map((one) => JSON.stringify(one)).join(',')]) {
    const match = pattern.first(text);
    if (match !== null) return versionIn(match, replace ?? groupWithoutName(pattern.source));
  }
  return null;
}

/** An escape, a class of characters, or the beginning of a group with what tells its kind. */
const TOKEN = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((\?P?<\w+>|\?)?/g;

/**
 * The facts' patterns with a name for the tag come from a collector that numbers groups without names first, so that
 * its group 1 is the first of those. Undefined where a group is named for the version, or where group 1 is meant anyway.
 */
function groupWithoutName(source: string): string | undefined {
  if (/\(\?P?<version/.test(source)) return undefined;
  let number = 0;
  for (const [token, kind] of source.matchAll(TOKEN)) {
    if (!token.startsWith('(') || kind === '?') continue;
    number += 1;
    if (kind === undefined) return number === 1 ? undefined : `$${number}`;
  }
  return undefined;
}

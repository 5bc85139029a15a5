import type { TextMatch } from './product.js';

/** Fewer letters than this would fit other products too. */
const TELLING = /\p{L}{3}/u;

/**
 * How a display name is found again in other releases: as it is, or what stands before and behind the version in it
 * (`7-Zip 24.08 (x64)`). Null where too little of it would be left, or where it holds a version of another numbering.
 */
export function matchOfName(name: string, versions: readonly string[]): TextMatch | null {
  const shown = versions.flatMap(spellings).find((text) => placeOf(name, text) >= 0);
  if (shown === undefined) {
    return TELLING.test(name) && !/\d+\.\d+\.\d+/.test(name) ? { equalTo: name } : null;
  }
  const start = placeOf(name, shown);
  const [beginsWith, endsWith] = [name.slice(0, start), name.slice(start + shown.length)];
  if (!TELLING.test(beginsWith)) return null;
  return endsWith === '' ? { beginsWith } : { beginsWith, endsWith };
}

/** The version, without zeros at its end, and its first three or two parts: the longest first. */
function spellings(version: string): readonly string[] {
  const bare = version.replace(/^v(?=\d)/i, '');
  const parts = bare.split('.');
  const shorter = [3, 2]
    .filter((count) => count < parts.length)
    .map((count) => parts.slice(0, count).join('.'));
  return [...new Set([bare, bare.replace(/(?:\.0+)+$/, ''), ...shorter])].filter(
    (text) => text.includes('.') || text === bare,
  );
}

/** Where a version stands by itself, not within a longer number; -1: nowhere. */
function placeOf(name: string, version: string): number {
  for (let at = name.indexOf(version); at >= 0; at = name.indexOf(version, at + 1)) {
    const [before, after] = [name.slice(0, at), name.slice(at + version.length)];
    if (!/[\d][.]?$/.test(before) && !/^[.]?\d/.test(after)) return at;
  }
  return -1;
}

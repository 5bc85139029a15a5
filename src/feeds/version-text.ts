import { compilePattern, type Pattern, type PatternMatch } from '../text/pattern.js';

export { looksLikePrerelease } from '../core/versions/index.js';

/** What the facts name their groups: the version, parts of it, or a spelling with other separators. */
const WHOLE = ['version', 'version2', 'version3', 'versionCore', 'versionNoV', 'versionTrim'] as const;
const SPELLINGS = [
  ['Underscore', /_/g],
  ['Dash', /-/g],
] as const;

/** A replacement in words, `- to .`: of characters, all of them. */
const SPELLED_OUT = /^(\S) to (\S)$/;

/**
 * The version in a match: `replace` filled with the groups, or the group `version`, or group 1, or all of it. Null
 * where the group took no part.
 */
export function versionIn(match: PatternMatch, replace?: string): string | null {
  if (replace === undefined) return dotted(groupIn(match));
  const [, from, to] = SPELLED_OUT.exec(replace) ?? [];
  if (from === undefined || to === undefined) return fill(replace, match);
  return groupIn(match).replaceAll(from, to);
}

/** `4_24` is how a file's name says 4.24, and the dot of `1.2.` ends a sentence. */
function dotted(text: string): string {
  const version = text.replace(/(?<=\d)\.$/, '');
  return /^\d+(?:_\d+)+$/.test(version) ? version.replaceAll('_', '.') : version;
}

/** `v20.20.2`, where no pattern says what the version is: as of a tag. */
export function withoutV(text: string): string {
  return text.trim().replace(/^v(?=\d)/i, '');
}

/** What a version is in a longer text, where the definition does not say. */
const DOTTED = compilePattern('\\d+(?:\\.\\d+)+(?:[-._ ]?(?:alpha|beta|rc|pre|preview|dev)[.\\d]*)?', {
  ignoreCase: true,
});

/** By the pattern of a definition, else the first dotted number; null where there is none. */
export function findVersion(
  text: string,
  {
    pattern = DOTTED,
    replace,
  }: { readonly pattern?: Pattern | undefined; readonly replace?: string | undefined },
): string | null {
  const match = pattern.first(text);
  const version = (match && versionIn(match, replace))?.trim() ?? '';
  return /\d/.test(version) ? version : null;
}

function groupIn(match: PatternMatch): string {
  for (const name of WHOLE) {
    const text = match.group(name);
    if (text !== null) return text;
    for (const [spelling, separator] of SPELLINGS) {
      const spelled = match.group(`${name}${spelling}`);
      if (spelled !== null) return spelled.replace(separator, '.');
    }
  }
  return match.group(1) ?? match.text;
}

/** `${name}`, `${1}` and `$1`; a group that took no part leaves nothing. */
function fill(template: string, match: PatternMatch): string {
  return template.replace(/\$(?:\{(\w{1,40})\}|(\d))/g, (_, braced: string | undefined, digit: string) => {
    const which = braced ?? digit;
    return match.group(/^\d+$/.test(which) ? Number(which) : which) ?? '';
  });
}

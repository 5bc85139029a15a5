import { RE2JS, RE2JSException } from 're2js';
import { PermanentError, printable } from '../core/errors.js';

/** Text found by a pattern: group 0 is all of it. */
export interface PatternMatch {
  readonly text: string;
  /** By number or name; null where the group took no part or does not exist. */
  group(which: number | string): string | null;
}

/** A regular expression in RE2 syntax, matched in linear time: no pattern of a definition can hang on a vendor's text. */
export interface Pattern {
  readonly source: string;
  test(text: string): boolean;
  first(text: string): PatternMatch | null;
  /** From left to right, at most 5000. */
  all(text: string): readonly PatternMatch[];
  /** The text without anything that matches. */
  remove(text: string): string;
}

/** Look-around, back-references, atomic groups: what no linear-time matcher does. */
const BEYOND_RE2 = /\(\?(?:<?[=!]|>)|\\(?:[1-9]|k[<{'])/;
const UNSUPPORTED = 'look-around and back-references in a pattern are not supported';

const LONGEST_PATTERN = 1000;
const LONGEST_TEXT = 4_000_000;
const MOST_MATCHES = 5000;

/** PermanentError `definition.invalid` with the pattern, and what RE2 says about it. */
export function compilePattern(source: string, options: { readonly ignoreCase?: boolean } = {}): Pattern {
  const compiled = compile(source, options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
  return {
    source,
    test: (text) => compiled.test(bounded(text)),
    first: (text) => matchesIn(compiled, bounded(text), 1)[0] ?? null,
    all: (text) => matchesIn(compiled, bounded(text), MOST_MATCHES),
    remove: (text) => compiled.matcher(bounded(text)).replaceAll(''),
  };
}

function compile(source: string, flags: number): RE2JS {
  if (source.length > LONGEST_PATTERN) {
    throw new PermanentError('definition.invalid', 'a pattern is too long', {
      expected: `at most ${LONGEST_PATTERN} characters`,
      found: `${source.length}`,
      nextStep: 'shorten the pattern',
    });
  }
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const isUnsupported = BEYOND_RE2.test(source);
    throw new PermanentError('definition.invalid', isUnsupported ? UNSUPPORTED : 'a pattern cannot be read', {
      where: printable(source, 200),
      expected: 'a regular expression in RE2 syntax: no look-around, no back-references',
      found: printable(error.message),
      nextStep: isUnsupported
        ? 'write it without them: until then the feed is incomplete'
        : 'correct the pattern in the definition',
      cause: error,
    });
  }
}

function bounded(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  throw new PermanentError('feed.malformed', 'a text is too long to search', {
    expected: `at most ${LONGEST_TEXT} characters`,
    found: `${text.length}`,
    nextStep: "look whether the vendor's address now serves something else",
  });
}

function matchesIn(compiled: RE2JS, text: string, most: number): readonly PatternMatch[] {
  const matcher = compiled.matcher(text);
  const names = compiled.namedGroups();
  const found: PatternMatch[] = [];
  while (found.length < most && matcher.find()) {
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index));
    found.push({
      text: groups[0] ?? '',
      group: (which) => groups[typeof which === 'number' ? which : (names[which] ?? -1)] ?? null,
    });
  }
  return found;
}

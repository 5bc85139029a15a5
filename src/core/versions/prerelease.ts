/** The words that vendors put into the versions they do not mean for everyone. A lone `a`, `b` or `m` says nothing. */
const WORDS = [
  'alpha',
  'beta',
  'canary',
  'dev',
  'ea',
  'eap',
  'insider',
  'insiders',
  'milestone',
  'nightly',
  'pre',
  'prerelease',
  'preview',
  'rc',
  'snapshot',
  'unstable',
];

export const PRERELEASE_WORDS: ReadonlySet<string> = new Set(WORDS);
const STANDING_ALONE = new RegExp(`(?:^|[^a-z])(?:${WORDS.join('|')})(?:[^a-z]|$)`, 'i');

/** `127.0b9`, `3.13.0a1` (PEP 440, Mozilla, Unity); `1.300071.0b1720` counts builds. */
const LETTER_AND_COUNT = /\d\.\d+[ab]\d{1,2}$/i;

export function looksLikePrerelease(version: string): boolean {
  return STANDING_ALONE.test(version) || LETTER_AND_COUNT.test(version);
}

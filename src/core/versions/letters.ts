import type { VersionScheme } from '../ports.js';
import {
  compareNumbers,
  compareTexts,
  fourParts,
  LONGEST_VERSION,
  withoutLeadingZeros,
} from './four-parts.js';
import { compareParts, orderKnown } from './order.js';
import { PRERELEASE_WORDS } from './prerelease.js';

/**
 * `1.0.2k`, `8u452-b09`, `16.0.2+7`, `py314_26.5.3-2`, `jdk-21.0.9+11`: runs of digits and runs of letters, whatever parts
 * them. `1:2.0` has an epoch, which counts before all else. A product's word before the first number says nothing.
 */
export const letters: VersionScheme = {
  name: 'letters',
  compare: orderKnown(tokensOf, (a, b) => compareParts(a, b, END, compareTokens)),
  isVersion: (text) => tokensOf(text) !== null,
  toFourParts: fourParts,
};

/** From low to high: a prerelease's word, the end or a zero, a word, a number. So `1.0rc1 < 1.0 = 1.0.0 < 1.0a < 1.0.1`. */
type Rank = 0 | 1 | 2 | 3;
interface Token {
  readonly rank: Rank;
  readonly text: string;
}

const END: Token = { rank: 1, text: '0' };
const SHAPE = /^(?:(?<epoch>\d{1,9}):)?(?<version>[a-z0-9][a-z0-9._+~@-]*)$/i;

function tokensOf(text: string): readonly Token[] | null {
  if (text.length > LONGEST_VERSION) return null;
  const { epoch = '0', version = '' } = SHAPE.exec(text)?.groups ?? {};
  const runs = version.toLowerCase().match(/\d+|[a-z]+/g) ?? [];
  const first = runs.findIndex((run) => /^\d/.test(run) || PRERELEASE_WORDS.has(run));
  if (first < 0 || !/\d/.test(version)) return null;
  return [epoch, ...runs.slice(first)].map(tokenOf);
}

function tokenOf(run: string): Token {
  if (/^\d/.test(run)) {
    const text = withoutLeadingZeros(run);
    return text === '0' ? END : { rank: 3, text };
  }
  return { rank: PRERELEASE_WORDS.has(run) ? 0 : 2, text: run };
}

function compareTokens(a: Token, b: Token): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === 3 ? compareNumbers(a.text, b.text) : compareTexts(a.text, b.text);
}

import type { VersionScheme } from '../ports.js';
import {
  compareNumbers,
  compareTexts,
  fourParts,
  LONGEST_VERSION,
  withoutLeadingZeros,
} from './four-parts.js';
import { compareParts, orderKnown } from './order.js';

/** `1.0.2k`, `8u452-b09`, `6000.0.32f1`, `py314_26.5.3-2`: runs of digits and runs of letters, whatever parts them. */
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
const SHAPE = /^[a-z0-9][a-z0-9._+~-]*$/i;
const PRERELEASE = new Set(['alpha', 'beta', 'dev', 'nightly', 'pre', 'preview', 'rc', 'snapshot']);

function tokensOf(text: string): readonly Token[] | null {
  if (text.length > LONGEST_VERSION || !SHAPE.test(text) || !/\d/.test(text)) return null;
  const runs = text.toLowerCase().match(/\d+|[a-z]+/g) ?? [];
  return (runs[0] === 'v' ? runs.slice(1) : runs).map(tokenOf);
}

function tokenOf(run: string): Token {
  if (/^\d/.test(run)) {
    const text = withoutLeadingZeros(run);
    return text === '0' ? END : { rank: 3, text };
  }
  return { rank: PRERELEASE.has(run) ? 0 : 2, text: run };
}

function compareTokens(a: Token, b: Token): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === 3 ? compareNumbers(a.text, b.text) : compareTexts(a.text, b.text);
}

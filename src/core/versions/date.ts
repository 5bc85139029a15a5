import type { VersionScheme } from '../ports.js';
import {
  compareNumbers,
  fourParts,
  LONGEST_VERSION,
  withoutLeadingZeros,
  withoutPrefix,
} from './four-parts.js';
import { compareParts, orderKnown } from './order.js';

/** `20260611`, `2026-06-11`, `2026.06`, each with more numbers behind it (`2026.07-1`, `2026.08.1+195`). The month alone is before its days. */
export const date: VersionScheme = {
  name: 'date',
  compare: orderKnown(numbersOf, (a, b) => compareParts(a, b, '0', compareNumbers)),
  isVersion: (text) => numbersOf(text) !== null,
  // `20260611` has too many digits for a rule, and a rule does not read `2026-06-11`.
  toFourParts: (text) => (numbersOf(text) === null ? null : fourParts(text)),
};

const COMPACT = /^(\d{4})(\d{2})(\d{2})((?:[._+-]\d+)*)$/;
const PARTED = /^(\d{4})[._-](\d{1,2})(?:[._-](\d{1,2}))?((?:[._+-]\d+)*)$/;

function numbersOf(text: string): readonly string[] | null {
  if (text.length > LONGEST_VERSION) return null;
  const found = COMPACT.exec(withoutPrefix(text)) ?? PARTED.exec(withoutPrefix(text));
  if (found === null) return null;
  const [, year = '', month = '', day = '', more = ''] = found;
  if (!within(year, 1970, 9999) || !within(month, 1, 12)) return null;
  if (day !== '' && !within(day, 0, 31)) return null;
  return [year, month, day === '' ? '0' : day, ...more.split(/[._+-]/).slice(1)].map(withoutLeadingZeros);
}

function within(digits: string, from: number, to: number): boolean {
  return Number(digits) >= from && Number(digits) <= to;
}

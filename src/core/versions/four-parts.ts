/** `v1.2`, `r665`, `v.1.2`. */
const PREFIX = /^[vr]\.?(?=\d)/i;
const DOTTED = /^\d+(?:\.\d+)*$/;
/** `RegSzToVersion` takes `\d{1,5}(\.\d{1,5}){3}` (configmgr-catalog 4, rule 5). */
const MOST_DIGITS = 5;
const PARTS = 4;
/** No vendor writes longer ones; a longer text is no version to any scheme. */
export const LONGEST_VERSION = 100;

/** The dotted numbers without leading zeros and `v` or `r`, or null where the text is anything else. */
export function dottedNumbers(text: string): readonly string[] | null {
  if (text.length > LONGEST_VERSION) return null;
  const bare = withoutPrefix(text);
  return DOTTED.test(bare) ? bare.split('.').map(withoutLeadingZeros) : null;
}

export function withoutPrefix(text: string): string {
  return text.replace(PREFIX, '');
}

/**
 * `26.02` is `26.2.0.0`, in the same order as the texts. Null where that cannot be: a fifth number that is not 0, a number
 * of more than five digits, or a text that a rule does not read as dotted numbers (`1.0.2k`, `2026-07-01`, `16.0.2+7`).
 * A file's version holds less than a rule: numbers up to 65535.
 */
export function fourParts(text: string): string | null {
  const numbers = withoutTrailingZeros(dottedNumbers(text) ?? []);
  if (numbers.length > PARTS || numbers.some((part) => part.length > MOST_DIGITS)) return null;
  return dottedNumbers(text) && [...numbers, '0', '0', '0', '0'].slice(0, PARTS).join('.');
}

/** Numbers of any size, without leading zeros: the longer one is larger. */
export function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

/** By code units: the same everywhere. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function withoutLeadingZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function withoutTrailingZeros(numbers: readonly string[]): readonly string[] {
  return numbers.slice(0, numbers.findLastIndex((part) => part !== '0') + 1);
}

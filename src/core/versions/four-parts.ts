const DOTTED = /^v?\d+(?:\.\d+)*$/i;
/** `RegSzToVersion` takes `\d{1,5}(\.\d{1,5}){3}` (configmgr-catalog 4, rule 5). */
const MOST_DIGITS = 5;
const PARTS = 4;
/** No vendor writes longer ones; a longer text is no version to any scheme. */
export const LONGEST_VERSION = 100;

/** The dotted numbers without leading zeros and `v`, or null where the text is anything else. */
export function dottedNumbers(text: string): readonly string[] | null {
  if (text.length > LONGEST_VERSION || !DOTTED.test(text)) return null;
  return text.replace(/^v/i, '').split('.').map(withoutLeadingZeros);
}

/** `26.02` is `26.2.0.0`; null where the text is not dotted numbers, or does not fit into the rules. */
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

import type { ScalarComparison } from '../applicability.js';

/** What one rule says of one machine. An unknown answer always has the value false. */
export interface Answer {
  readonly value: boolean;
  readonly unknown: boolean;
  /** What was found, or why nothing can be said. */
  readonly found: string | null;
}

export function known(value: boolean, found: string | null = null): Answer {
  return { value, unknown: false, found };
}

export function unanswered(reason: string): Answer {
  return { value: false, unknown: true, found: reason };
}

/** Surely false as soon as one part is; of none: true. */
export function allOf(parts: readonly Answer[]): Answer {
  if (parts.some((part) => !part.value && !part.unknown)) return known(false);
  return parts.some((part) => part.unknown) ? unanswered('a part is not known') : known(true);
}

/** Surely true as soon as one part is; of none: false. */
export function anyOf(parts: readonly Answer[]): Answer {
  if (parts.some((part) => part.value)) return known(true);
  return parts.some((part) => part.unknown) ? unanswered('a part is not known') : known(false);
}

/** A negation makes no truth out of the unknown. */
export function noneOf(parts: readonly Answer[]): Answer {
  const any = anyOf(parts);
  return any.unknown ? any : known(!any.value);
}

/** Whether `order` (negative, 0, positive: left against right) satisfies the comparison. */
export function holds(comparison: ScalarComparison, order: number): boolean {
  switch (comparison) {
    case 'LessThan':
      return order < 0;
    case 'LessThanOrEqualTo':
      return order <= 0;
    case 'EqualTo':
      return order === 0;
    case 'GreaterThanOrEqualTo':
      return order >= 0;
    case 'GreaterThan':
      return order > 0;
  }
}

/** One to four numeric parts of at most five digits, padded with zeros to four; null for every other text. */
export function versionParts(text: string): readonly number[] | null {
  if (!/^\d{1,5}(?:\.\d{1,5}){0,3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  return [...parts, 0, 0, 0].slice(0, 4);
}

/** Lexicographic order of two lists of numbers of equal length. */
export function orderOf(left: readonly number[], right: readonly number[]): number {
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

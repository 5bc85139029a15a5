import { printable } from '../core/errors.js';
import type { Check } from './rules/checks.js';

/** What a document breaks, and where. */
export interface Finding {
  /** `InstallableItem[0]/OriginFile/@Digest`. */
  readonly path: string;
  /** A short name of the rule. */
  readonly rule: string;
  readonly expected: string;
  readonly found: string;
}

export function finding(path: string, rule: string, expected: string, found: string): Finding {
  return { path, rule, expected, found: printable(found, 120) };
}

/** Nothing where the value passes. */
export function checkValue(path: string, rule: string, value: string, check: Check): readonly Finding[] {
  const expected = check(value);
  return expected === null ? [] : [finding(path, rule, expected, value)];
}

/** One finding for each value that stands there again; compared in lower case. */
export function checkUnique(path: string, values: readonly string[]): readonly Finding[] {
  const seen = new Set<string>();
  return values.flatMap((value) => {
    const key = value.toLowerCase();
    if (seen.has(key)) return [finding(path, 'unique', 'each value once', value)];
    seen.add(key);
    return [];
  });
}

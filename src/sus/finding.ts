import { printable } from '../core/errors.js';
import type { Check } from './rules/checks.js';

/**
 * The rules that are stricter than the schemas, by the level of what breaks them (`docs/metadata.md` says why each is
 * there): `wsus` where WSUS refuses or loses it, `catalog` where only what we publish must not have it.
 */
export const RULE_LEVELS = {
  'reserved-name': 'wsus',
  classification: 'wsus',
  itself: 'wsus',
  'file-size': 'wsus',
  'file-digest': 'wsus',
  /** Of the ids of items `wsus`. */
  unique: 'catalog',
  guid: 'catalog',
  date: 'catalog',
  url: 'catalog',
  digest: 'catalog',
  size: 'catalog',
  length: 'catalog',
  language: 'catalog',
  'file-name': 'catalog',
  program: 'catalog',
  'msi-properties': 'catalog',
  'return-code': 'catalog',
  cardinality: 'catalog',
  metadata: 'catalog',
  handler: 'catalog',
  'update-type': 'catalog',
  rule: 'catalog',
  characters: 'catalog',
  'schema-version': 'catalog',
} as const;
export type RuleName = keyof typeof RULE_LEVELS | `schema-${string}`;

/** What a document breaks, and where. */
export interface Finding {
  /** `InstallableItem[0]/OriginFile/@Digest`. */
  readonly path: string;
  readonly rule: RuleName;
  readonly expected: string;
  readonly found: string;
}

export function finding(path: string, rule: RuleName, expected: string, found: string): Finding {
  return { path, rule, expected, found: printable(found, 120) };
}

/** Nothing where the value passes. */
export function checkValue(path: string, rule: RuleName, value: string, check: Check): readonly Finding[] {
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

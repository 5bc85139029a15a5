import { printable } from '../../../core/errors.js';

/** `warning`: real vendors do it and sites take it, ours never does. `note`: nothing is wrong with the catalog itself. */
export type FindingLevel = 'error' | 'warning' | 'note';

export interface CatalogFinding {
  /** A member of the cabinet, and what in it: `V2\x.sdp: Properties/@CreationDate`. */
  readonly path: string;
  readonly rule: string;
  readonly level: FindingLevel;
  readonly expected: string;
  readonly found: string;
}

export function finding(
  rule: string,
  path: string,
  { level = 'error', expected, found }: { level?: FindingLevel; expected: string; found: unknown },
): CatalogFinding {
  const text = typeof found === 'string' ? found : (JSON.stringify(found) ?? 'nothing');
  return {
    path: printable(path, 300),
    rule,
    level,
    expected: printable(expected),
    found: printable(text, 200),
  };
}

/** One finding per value that only one of two sets has. */
export function setFindings(
  rule: string,
  [nameA, a]: readonly [string, ReadonlySet<string>],
  [nameB, b]: readonly [string, ReadonlySet<string>],
): readonly CatalogFinding[] {
  const only = (name: string, of: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...of]
      .filter((value) => !other.has(value))
      .map((value) =>
        finding(rule, value, { expected: `in ${nameA} and ${nameB}`, found: `only in ${name}` }),
      );
  return [...only(nameA, a, b), ...only(nameB, b, a)];
}

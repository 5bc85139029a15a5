import { type Finding, finding } from '../finding.js';

/** [XML 1.0] 2.2: a document cannot hold any other, not even as a reference. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Every text of the package, wherever it stands; deeper than any package goes nothing is looked at. */
export function checkCharacters(value: unknown, path = '', depth = 0): readonly Finding[] {
  if (typeof value === 'string') {
    const [found] = FORBIDDEN.exec(value) ?? [];
    return found === undefined ? [] : [finding(path, 'characters', 'characters of XML 1.0', pointOf(found))];
  }
  if (typeof value !== 'object' || value === null || depth > 100) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    checkCharacters(inner, path === '' ? name : `${path}.${name}`, depth + 1),
  );
}

function pointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

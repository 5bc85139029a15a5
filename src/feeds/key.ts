import type { JsonNode } from '../text/json-path/index.js';

/** `_.name`: a name outside of all sections. */
const OUTSIDE = '_';

/**
 * The value under a name: a member, else `section.name` (names may hold dots too), else in the first section that has
 * it. Letters count as written; where nothing is found, without regard to case.
 */
export function findKey(document: unknown, key: string): readonly JsonNode[] {
  const root: JsonNode = { key: null, value: document, parent: null };
  for (const exactly of [true, false]) {
    const member = (of: JsonNode, name: string) => memberOf(of, name, exactly);
    const found =
      member(root, key) ??
      first(splits(key), ([section, name]) => {
        const at = section === OUTSIDE ? root : member(root, section);
        return at && member(at, name);
      }) ??
      first(sectionsOf(root), (section) => member(section, key));
    if (found !== null) return [found];
  }
  return [];
}

function splits(key: string): readonly (readonly [string, string])[] {
  const parts = key.split('.');
  return parts.slice(1).map((_, at) => [parts.slice(0, at + 1).join('.'), parts.slice(at + 1).join('.')]);
}

function sectionsOf(root: JsonNode): readonly JsonNode[] {
  return entriesOf(root.value).map(([key, value]) => ({ key, value, parent: root }));
}

function memberOf(node: JsonNode, name: string, exactly: boolean): JsonNode | null {
  const wanted = name.toLowerCase();
  const found = entriesOf(node.value).find(([key]) =>
    exactly ? key === name : key.toLowerCase() === wanted,
  );
  return found === undefined ? null : { key: found[0], value: found[1], parent: node };
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function first<Value>(values: readonly Value[], find: (value: Value) => JsonNode | null): JsonNode | null {
  for (const value of values) {
    const found = find(value);
    if (found !== null) return found;
  }
  return null;
}

import type { JsonNode } from '../../text/json-path/index.js';
import type { PathNode } from '../../text/xpath/index.js';

const DEEPEST = 4;
const MOST_CHILDREN = 500;

/** The element in which a text stands, as members: its attributes and what is in it, under their names. */
export function membersAround(node: PathNode): JsonNode {
  const place = node.kind === 'text' ? (node.parent ?? node) : node;
  const around: JsonNode = { key: null, value: membersOf(place.parent, 0), parent: null };
  return { key: place.name, value: place.text(), parent: around };
}

function membersOf(element: PathNode | null, depth: number): Record<string, unknown> {
  const members: Record<string, unknown> = Object.create(null);
  if (element === null || depth > DEEPEST) return members;
  for (const { name, text } of element.attributes()) members[name] ??= text();
  for (const child of element.children().slice(0, MOST_CHILDREN)) {
    if (child.kind !== 'element') continue;
    const isPlain = child.attributes().length === 0 && child.children().every(({ kind }) => kind === 'text');
    const value = isPlain
      ? child.text().trim()
      : { ...membersOf(child, depth + 1), address: child.text().trim() };
    members[child.name] = child.name in members ? [members[child.name], value].flat() : value;
  }
  return members;
}

import type { JsonNode } from '../../text/json-path/index.js';
import type { PathNode } from '../../text/xpath/index.js';

const DEEPEST = 4;
const MOST_CHILDREN = 500;

/**
 * The element in which a text stands, as members: its attributes and what is in it, under their names. One reader serves
 * one document, and an element is the same object for every text in it.
 */
export function createMembersReader(): (node: PathNode) => JsonNode {
  const known = new WeakMap<PathNode, Record<string, unknown>>();
  return (node) => {
    const place = node.kind === 'text' ? (node.parent ?? node) : node;
    const element = place.parent;
    const members = (element && known.get(element)) ?? membersOf(element, 0);
    if (element !== null) known.set(element, members);
    return { key: place.name, value: place.text(), parent: { key: null, value: members, parent: null } };
  };
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
    const before = members[child.name];
    if (Array.isArray(before)) before.push(value);
    else members[child.name] = child.name in members ? [before, value] : value;
  }
  return members;
}

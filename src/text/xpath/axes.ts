import type { PathNode } from './node.js';
import type { Axis } from './syntax.js';

/** Told how many nodes were looked at; it throws when these were too many. */
export type Visit = (count: number) => void;

/** Nearest first ([XPath 1.0] 2.2, 2.4): `ancestor` and `preceding` run against the document's order. */
export function nodesOn(axis: Axis, from: PathNode, visit: Visit): readonly PathNode[] {
  visit(1);
  switch (axis) {
    case 'self':
      return [from];
    case 'parent':
      return from.parent === null ? [] : [from.parent];
    case 'attribute':
      return counted(from.attributes(), visit);
    case 'child':
      return counted(from.children(), visit);
    case 'descendant':
      return withDescendants(from, visit).slice(1);
    case 'descendant-or-self':
      return withDescendants(from, visit);
    case 'ancestor':
      return ancestors(from);
    case 'ancestor-or-self':
      return [from, ...ancestors(from)];
    case 'following-sibling':
      return siblings(from, visit).after;
    case 'preceding-sibling':
      return siblings(from, visit).before;
    case 'following':
      return [from, ...ancestors(from)].flatMap((node) =>
        siblings(node, visit).after.flatMap((one) => withDescendants(one, visit)),
      );
    case 'preceding':
      return [from, ...ancestors(from)].flatMap((node) =>
        siblings(node, visit).before.flatMap((one) => [...withDescendants(one, visit)].reverse()),
      );
  }
}

/** The node, then all below it in the document's order; without recursion. */
export function withDescendants(node: PathNode, visit: Visit): readonly PathNode[] {
  const found: PathNode[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const child of [...counted(next.children(), visit)].reverse()) open.push(child);
  }
  return found;
}

function ancestors(node: PathNode): readonly PathNode[] {
  const found: PathNode[] = [];
  for (let next = node.parent; next !== null; next = next.parent) found.push(next);
  return found;
}

function siblings(node: PathNode, visit: Visit) {
  const all = node.kind === 'attribute' ? [] : counted(node.parent?.children() ?? [], visit);
  const at = all.indexOf(node);
  return { after: at < 0 ? [] : all.slice(at + 1), before: at < 0 ? [] : all.slice(0, at).reverse() };
}

function counted(nodes: readonly PathNode[], visit: Visit): readonly PathNode[] {
  visit(nodes.length);
  return nodes;
}

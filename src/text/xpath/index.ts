import { PermanentError, printable } from '../../core/errors.js';
import type { XmlElement } from '../xml/index.js';
import { documentOf, type PathNode } from './node.js';
import { parsePath } from './parse.js';
import type { Expression, NodeTest, Path, Step } from './syntax.js';

/**
 * Texts in an XML document by a small part of XPath 1.0: child steps, `//`, `*`, `@name`, `.`, `..`, `text()` and
 * predicates with positions, `last()`, `position()`, `=`, `!=`, `and`, `or`, `not`, `contains`, `starts-with`. A name
 * without prefix fits in every namespace. Nothing is evaluated as code, and the work is bounded.
 */
export interface XPath {
  /** The text of each node. PermanentError `feed.malformed` when it would touch more than a million nodes. */
  select(root: XmlElement): readonly string[];
  /** The same, but a last step that is a name and finds no elements means the attributes of that name. */
  selectLenient(root: XmlElement): readonly string[];
}

const MOST_VISITS = 1_000_000;

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function compileXPath(expression: string): XPath {
  const path = parsePath(expression);
  const run = (wanted: Path, root: XmlElement) => {
    const document = documentOf(root);
    const walk: Walk = { document, expression, visitsLeft: MOST_VISITS };
    return follow(walk, wanted, document).map((node) => read(walk, node));
  };
  return {
    select: (root) => run(path, root),
    selectLenient(root) {
      const found = run(path, root);
      const other = found.length === 0 ? withAttributeLast(path) : null;
      return other === null ? found : run(other, root);
    },
  };
}

function withAttributeLast({ absolute, steps }: Path): Path | null {
  const last = steps.at(-1);
  if (last?.test.kind !== 'element') return null;
  return {
    absolute,
    steps: [...steps.slice(0, -1), { ...last, test: { ...last.test, kind: 'attribute' } }],
  };
}

interface Walk {
  readonly document: PathNode;
  readonly expression: string;
  visitsLeft: number;
}

/** Where a predicate is asked: a node and its place among those that the step found ([XPath 1.0] 2.4). */
interface Place {
  readonly node: PathNode;
  readonly position: number;
  readonly last: number;
}

function follow(walk: Walk, { absolute, steps }: Path, from: PathNode): readonly PathNode[] {
  let nodes: readonly PathNode[] = [absolute ? walk.document : from];
  for (const step of steps) {
    const found = new Set<PathNode>();
    for (const node of nodes) {
      for (const start of step.deep ? withDescendants(walk, node) : [node]) {
        for (const one of take(walk, step, start)) found.add(one);
      }
    }
    nodes = [...found];
  }
  return nodes;
}

function take(walk: Walk, { test, predicates }: Step, from: PathNode): readonly PathNode[] {
  let nodes = candidates(walk, test, from).filter((node) => fits(test, node));
  for (const predicate of predicates) {
    const last = nodes.length;
    nodes = nodes.filter((node, index) => holds(walk, predicate, { node, position: index + 1, last }));
  }
  return nodes;
}

function candidates(walk: Walk, test: NodeTest, from: PathNode): readonly PathNode[] {
  visit(walk, 1);
  if (test.kind === 'self') return [from];
  if (test.kind === 'parent') return from.parent === null ? [] : [from.parent];
  const nodes = test.kind === 'attribute' ? from.attributes() : from.children();
  visit(walk, nodes.length);
  return nodes;
}

function fits(test: NodeTest, { kind, prefix, name }: PathNode): boolean {
  switch (test.kind) {
    case 'self':
    case 'parent':
      return true;
    case 'text':
      return kind === 'text';
    default:
      return (
        kind === test.kind &&
        (test.name === '*' || test.name === name) &&
        (test.prefix === null || test.prefix === prefix)
      );
  }
}

function withDescendants(walk: Walk, node: PathNode): readonly PathNode[] {
  const found: PathNode[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    const children = next.children();
    visit(walk, children.length);
    for (const child of [...children].reverse()) open.push(child);
  }
  return found;
}

/** A predicate that is a number asks for the position ([XPath 1.0] 2.4). */
function holds(walk: Walk, predicate: Expression, place: Place): boolean {
  const value = evaluate(walk, predicate, place);
  return typeof value === 'number' ? value === place.position : isTrue(value);
}

type Value = string | number | boolean | readonly PathNode[];

function evaluate(walk: Walk, expression: Expression, place: Place): Value {
  const value = (term: Expression) => evaluate(walk, term, place);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'path':
      return follow(walk, expression.path, place.node);
    case 'last':
      return place.last;
    case 'position':
      return place.position;
    case 'and':
      return expression.terms.every((term) => isTrue(value(term)));
    case 'or':
      return expression.terms.some((term) => isTrue(value(term)));
    case 'not':
      return !isTrue(value(expression.term));
    case 'equal':
      return compare(walk, value(expression.left), value(expression.right), (a, b) => a === b);
    case 'unequal':
      return compare(walk, value(expression.left), value(expression.right), (a, b) => a !== b);
    case 'contains':
      return textOf(walk, value(expression.text)).includes(textOf(walk, value(expression.part)));
    case 'starts-with':
      return textOf(walk, value(expression.text)).startsWith(textOf(walk, value(expression.part)));
  }
}

/** [XPath 1.0] 3.4: a set of nodes compares by any of them; booleans before numbers before texts. */
function compare(
  walk: Walk,
  left: Value,
  right: Value,
  agree: (a: string | number | boolean, b: string | number | boolean) => boolean,
): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') return agree(isTrue(left), isTrue(right));
  const asNumber = typeof left === 'number' || typeof right === 'number';
  const [lefts, rights] = [textsOf(walk, left), textsOf(walk, right)];
  visit(walk, lefts.length * rights.length);
  return lefts.some((a) => rights.some((b) => (asNumber ? agree(numberOf(a), numberOf(b)) : agree(a, b))));
}

function textsOf(walk: Walk, value: string | number | readonly PathNode[]): readonly string[] {
  return typeof value === 'object' ? value.map((node) => read(walk, node)) : [String(value)];
}

/** [XPath 1.0] 4.2: of nodes, the first. */
function textOf(walk: Walk, value: Value): string {
  if (typeof value !== 'object') return String(value);
  return value[0] === undefined ? '' : read(walk, value[0]);
}

/** An element's text is put together anew each time: long ones count for more. */
function read(walk: Walk, node: PathNode): string {
  const text = node.text();
  visit(walk, 1 + Math.floor(text.length / 64));
  return text;
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function isTrue(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value);
}

function visit(walk: Walk, count: number): void {
  walk.visitsLeft -= count;
  if (walk.visitsLeft >= 0) return;
  throw new PermanentError('feed.malformed', 'an XPath touches too many nodes', {
    where: printable(walk.expression, 200),
    expected: `at most ${MOST_VISITS}`,
    nextStep: 'narrow the path, or look whether the answer has grown',
  });
}

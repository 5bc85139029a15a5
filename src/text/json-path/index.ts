import { PermanentError, printable } from '../../core/errors.js';
import { parseSteps } from './parse.js';
import type { Operand, Step, Test } from './syntax.js';

/**
 * Values in parsed JSON: `.name`, `['name']`, `[n]`, `[-n]`, `.*`, `..`, `~` (names instead of values) and filters
 * with `==`, `!=`, `=~`, `&&`, `||`, `!` and truth. Nothing is evaluated as code, and the work is bounded.
 */
export interface JsonPath {
  /** In the document's order. PermanentError `feed.malformed` when it would touch more than a million values. */
  select(document: unknown): readonly unknown[];
}

const MOST_VISITS = 1_000_000;

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function compileJsonPath(expression: string): JsonPath {
  const steps = parseSteps(expression);
  return {
    select(document) {
      const walk: Walk = { document, expression, visitsLeft: MOST_VISITS };
      return follow(walk, steps, document).map(({ value }) => value);
    },
  };
}

interface Node {
  readonly key: string | number | null;
  readonly value: unknown;
}

interface Walk {
  readonly document: unknown;
  readonly expression: string;
  visitsLeft: number;
}

function follow(walk: Walk, steps: readonly Step[], from: unknown): readonly Node[] {
  let nodes: readonly Node[] = [{ key: null, value: from }];
  for (const step of steps) {
    const found: Node[] = [];
    for (const node of nodes) {
      for (const start of step.deep ? withDescendants(walk, node) : [node]) take(walk, step, start, found);
    }
    nodes = found;
  }
  return nodes;
}

function take(walk: Walk, step: Step, node: Node, found: Node[]): void {
  visit(walk);
  if (step.kind === 'key') {
    if (node.key !== null) found.push({ key: node.key, value: node.key });
  } else if (step.kind === 'every') {
    for (const child of childrenOf(walk, node.value)) found.push(child);
  } else if (step.kind === 'filter') {
    for (const child of childrenOf(walk, node.value))
      if (holds(walk, step.test, child.value)) found.push(child);
  } else {
    const child = childOf(node.value, step.kind === 'child' ? step.name : step.index);
    if (child !== null) found.push(child);
  }
}

/** A number in dots (`.11.`) may also be the name of a member; a name never reaches what objects inherit. */
function childOf(value: unknown, key: string | number): Node | null {
  if (Array.isArray(value)) {
    const index = typeof key === 'number' ? key : /^\d{1,9}$/.test(key) ? Number(key) : value.length;
    const at = index < 0 ? value.length + index : index;
    return at >= 0 && at < value.length ? { key: at, value: value[at] } : null;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
  return { key, value: (value as Record<string, unknown>)[key] };
}

function childrenOf(walk: Walk, value: unknown): readonly Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const nodes = Array.isArray(value)
    ? value.map((one: unknown, key) => ({ key, value: one }))
    : Object.entries(value).map(([key, one]) => ({ key, value: one as unknown }));
  visit(walk, nodes.length);
  return nodes;
}

/** Without recursion: a document may be nested deeper than the stack. */
function withDescendants(walk: Walk, node: Node): readonly Node[] {
  const found: Node[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const child of [...childrenOf(walk, next.value)].reverse()) open.push(child);
  }
  return found;
}

function holds(walk: Walk, test: Test, current: unknown): boolean {
  const value = (operand: Operand) => operandValue(walk, operand, current);
  switch (test.kind) {
    case 'and':
      return test.tests.every((one) => holds(walk, one, current));
    case 'or':
      return test.tests.some((one) => holds(walk, one, current));
    case 'not':
      return !holds(walk, test.test, current);
    case 'truthy':
      return Boolean(value(test.operand));
    case 'equal':
      return value(test.left) === value(test.right);
    case 'match': {
      const text = value(test.operand);
      return typeof text === 'string' && test.pattern.test(text);
    }
  }
}

/** Of a path: its first value, undefined where it leads nowhere. */
function operandValue(walk: Walk, operand: Operand, current: unknown): unknown {
  if (operand.kind === 'literal') return operand.value;
  return follow(walk, operand.steps, operand.from === '@' ? current : walk.document)[0]?.value;
}

function visit(walk: Walk, count = 1): void {
  walk.visitsLeft -= count;
  if (walk.visitsLeft >= 0) return;
  throw new PermanentError('feed.malformed', 'a JSON path touches too many values', {
    where: printable(walk.expression, 200),
    expected: `at most ${MOST_VISITS}`,
    nextStep: 'narrow the path, or look whether the answer has grown',
  });
}

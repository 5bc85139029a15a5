import { PermanentError, printable } from '../../core/errors.js';
import { parseSteps } from './parse.js';
import type { Comparison, Operand, Selector, Step, Test } from './syntax.js';

/**
 * Values in parsed JSON: `.name`, `['name']`, `[n]`, `[-n]`, `[from:to]`, `[one, other]`, `.*`, `..`, `~` (names instead
 * of values) and filters with `==`, `!=`, `<`, `<=`, `>`, `>=`, `=~`, `&&`, `||`, `!` and truth. Nothing is evaluated as
 * code, and the work is bounded.
 */
export interface JsonPath {
  /** In the document's order. PermanentError `feed.malformed` when it would touch more than a million values. */
  select(document: unknown): readonly unknown[];
  /** The same, with where each value stands. */
  find(document: unknown): readonly JsonNode[];
}

/** A value in a document, under its name or number in what holds it. */
export interface JsonNode {
  readonly key: string | number | null;
  readonly value: unknown;
  /** Null: the document itself. Of a name (`~`): the value that has it. */
  readonly parent: JsonNode | null;
}

const MOST_VISITS = 1_000_000;

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function compileJsonPath(expression: string): JsonPath {
  const steps = parseSteps(expression);
  const find = (document: unknown) => {
    const root: JsonNode = { key: null, value: document, parent: null };
    return follow({ root, expression, visitsLeft: MOST_VISITS }, steps, root);
  };
  return { find, select: (document) => find(document).map(({ value }) => value) };
}

interface Walk {
  readonly root: JsonNode;
  readonly expression: string;
  visitsLeft: number;
}

function follow(walk: Walk, steps: readonly Step[], from: JsonNode): readonly JsonNode[] {
  let nodes: readonly JsonNode[] = [from];
  let before: Selector['kind'] | null = null;
  for (const step of steps) {
    const found: JsonNode[] = [];
    for (const node of nodes) {
      for (const start of step.deep ? withDescendants(walk, node) : [node]) take(walk, step, start, found);
    }
    const countsSelection = step.kind === 'index' && (before === 'filter' || before === 'key');
    nodes = countsSelection && !nodes.some(isList) ? nthOf(nodes, step.index) : found;
    before = step.kind;
  }
  return nodes;
}

/** `[?(@.lts)][0]`, `.*~[0]`: of what is no list, a place is one among those that were selected, as scripts count. */
function nthOf(nodes: readonly JsonNode[], index: number): readonly JsonNode[] {
  const node = nodes.at(index);
  return node === undefined ? [] : [node];
}

function isList({ value }: JsonNode): boolean {
  return Array.isArray(value);
}

function take(walk: Walk, selector: Selector, node: JsonNode, found: JsonNode[]): void {
  visit(walk);
  switch (selector.kind) {
    case 'key':
      if (node.key !== null) found.push({ key: node.key, value: node.key, parent: node });
      return;
    case 'every':
      for (const child of childrenOf(walk, node)) found.push(child);
      return;
    case 'filter':
      for (const child of childrenOf(walk, node)) if (holds(walk, selector.test, child)) found.push(child);
      return;
    case 'slice':
      for (const child of slice(childrenOf(walk, node), node, selector)) found.push(child);
      return;
    case 'union':
      for (const one of selector.selectors) take(walk, one, node, found);
      return;
    default: {
      const child = childOf(node, selector.kind === 'child' ? selector.name : selector.index);
      if (child !== null) found.push(child);
    }
  }
}

/** A number in dots (`.11.`) may also be the name of a member; a name never reaches what objects inherit. */
function childOf(node: JsonNode, key: string | number): JsonNode | null {
  const { value } = node;
  if (Array.isArray(value)) {
    const index = typeof key === 'number' ? key : /^\d{1,9}$/.test(key) ? Number(key) : value.length;
    const at = index < 0 ? value.length + index : index;
    return at >= 0 && at < value.length ? { key: at, value: value[at], parent: node } : null;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
  return { key, value: (value as Record<string, unknown>)[key], parent: node };
}

function childrenOf(walk: Walk, node: JsonNode): readonly JsonNode[] {
  const { value } = node;
  if (typeof value !== 'object' || value === null) return [];
  const nodes = Array.isArray(value)
    ? value.map((one: unknown, key) => ({ key, value: one, parent: node }))
    : Object.entries(value).map(([key, one]) => ({ key, value: one as unknown, parent: node }));
  visit(walk, nodes.length);
  return nodes;
}

/** RFC 9535 2.3.4.2; of what is no list: nothing. */
function slice(
  children: readonly JsonNode[],
  { value }: JsonNode,
  { from, to, by }: Selector & { kind: 'slice' },
): readonly JsonNode[] {
  if (!Array.isArray(value)) return [];
  const count = children.length;
  const placed = (index: number) => (index < 0 ? count + index : index);
  const within = (index: number, low: number, high: number) => Math.min(Math.max(index, low), high);
  const found: JsonNode[] = [];
  if (by > 0) {
    const end = within(placed(to ?? count), 0, count);
    for (let at = within(placed(from ?? 0), 0, count); at < end; at += by)
      found.push(...children.slice(at, at + 1));
  } else {
    const end = to === null ? -1 : within(placed(to), -1, count - 1);
    for (let at = within(placed(from ?? count - 1), -1, count - 1); at > end; at += by)
      found.push(...children.slice(at, at + 1));
  }
  return found;
}

/** Without recursion: a document may be nested deeper than the stack. */
function withDescendants(walk: Walk, node: JsonNode): readonly JsonNode[] {
  const found: JsonNode[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const child of [...childrenOf(walk, next)].reverse()) open.push(child);
  }
  return found;
}

function holds(walk: Walk, test: Test, current: JsonNode): boolean {
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
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(test.kind, value(test.left), value(test.right));
    case 'match': {
      const text = value(test.operand);
      return typeof text === 'string' && test.pattern.test(text);
    }
  }
}

function compare(comparison: Comparison, left: unknown, right: unknown): boolean {
  const bothTexts = typeof left === 'string' && typeof right === 'string';
  if (!bothTexts && !(typeof left === 'number' && typeof right === 'number')) return false;
  if (left === right) return comparison === '<=' || comparison === '>=';
  return left < right ? comparison.startsWith('<') : comparison.startsWith('>');
}

/** Of a path: its first value, undefined where it leads nowhere. */
function operandValue(walk: Walk, operand: Operand, current: JsonNode): unknown {
  if (operand.kind === 'literal') return operand.value;
  return follow(walk, operand.steps, operand.from === '@' ? current : walk.root)[0]?.value;
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

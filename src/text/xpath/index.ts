import { PermanentError, printable } from '../../core/errors.js';
import type { XmlElement } from '../xml/index.js';
import { nodesOn, withDescendants } from './axes.js';
import { callFunction, type Place } from './functions.js';
import { documentOf, type PathNode } from './node.js';
import { parseExpression } from './parse.js';
import type { Expression, NodeTest, Operator, Path, Step } from './syntax.js';
import { compares, isComparison, toBoolean, toNumber, type Value } from './values.js';

export type { PathNode } from './node.js';

/**
 * XPath 1.0 on an XML document, without variables, namespace declarations and `id()`. A name without prefix fits in
 * every namespace; a prefix is compared as it is written. Nothing is evaluated as code, and the work is bounded.
 */
export interface XPath {
  /** The text of each node, or the one value. PermanentError `feed.malformed` when it would touch too many nodes. */
  select(root: XmlElement): readonly string[];
  /**
   * The same with the nodes, in the document's order. A last step that is a name and finds no elements means the
   * attributes of that name.
   */
  findLenient(root: XmlElement): readonly PathText[];
}

export interface PathText {
  readonly text: string;
  /** Null: a value that stands nowhere, as of `concat()`. */
  readonly node: PathNode | null;
}

const MOST_VISITS = 1_000_000;

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function compileXPath(expression: string): XPath {
  const parsed = parseExpression(expression);
  const lenient = withAttributeLast(parsed);
  const run = (wanted: Expression, root: XmlElement): readonly PathText[] => {
    const walk = new Walk(documentOf(root), expression);
    const value = walk.evaluate(wanted, { node: walk.document, position: 1, last: 1 });
    if (typeof value === 'object') return value.map((node) => ({ text: walk.read(node), node }));
    return [{ text: String(value), node: null }];
  };
  return {
    select: (root) => run(parsed, root).map(({ text }) => text),
    findLenient(root) {
      const found = run(parsed, root);
      return found.length > 0 || lenient === null ? found : run(lenient, root);
    },
  };
}

function withAttributeLast(expression: Expression): Expression | null {
  if (expression.kind !== 'path') return null;
  const { path } = expression;
  const last = path.steps.at(-1);
  if (last?.axis !== 'child' || last.test.kind !== 'name') return null;
  return {
    kind: 'path',
    path: { ...path, steps: [...path.steps.slice(0, -1), { ...last, axis: 'attribute' }] },
  };
}

/** One evaluation, whose work is counted. */
class Walk {
  private visitsLeft = MOST_VISITS;
  private order: ReadonlyMap<PathNode, number> | null = null;

  constructor(
    readonly document: PathNode,
    private readonly expression: string,
  ) {}

  evaluate(expression: Expression, place: Place): Value {
    this.visit(1);
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'path':
        return this.follow(expression.path, place);
      case 'negative':
        return -toNumber(this.evaluate(expression.term, place), this.read);
      case 'binary':
        return this.combine(expression.operator, expression.left, expression.right, place);
      case 'call':
        return callFunction(
          expression.name,
          expression.terms.map((term) => this.evaluate(term, place)),
          place,
          this.read,
        );
    }
  }

  /** An element's text is put together anew each time: long ones count for more. */
  readonly read = (node: PathNode): string => {
    const text = node.text();
    this.visit(1 + Math.floor(text.length / 64));
    return text;
  };

  private readonly visit = (count: number): void => {
    this.visitsLeft -= count;
    if (this.visitsLeft >= 0) return;
    throw new PermanentError('feed.malformed', 'an XPath touches too many nodes', {
      where: printable(this.expression, 200),
      expected: `at most ${MOST_VISITS}`,
      nextStep: 'narrow the path, or look whether the answer has grown',
    });
  };

  private combine(operator: Operator, left: Expression, right: Expression, place: Place): Value {
    const a = this.evaluate(left, place);
    // The right side is not asked where the left decides ([XPath 1.0] 3.4).
    if (operator === 'or') return toBoolean(a) || toBoolean(this.evaluate(right, place));
    if (operator === 'and') return toBoolean(a) && toBoolean(this.evaluate(right, place));
    const b = this.evaluate(right, place);
    if (operator === '|') return this.inOrder([...nodesOf(a), ...nodesOf(b)]);
    if (isComparison(operator)) return compares(operator, a, b, this.read, this.visit);
    return calculate(operator, toNumber(a, this.read), toNumber(b, this.read));
  }

  private follow({ from, predicates, steps }: Path, place: Place): Value {
    const start = this.startOf(from, place);
    if (typeof start !== 'object') return steps.length === 0 && predicates.length === 0 ? start : [];
    let nodes = this.filter(start, predicates);
    for (const step of steps) {
      const found = new Set<PathNode>();
      for (const node of nodes) {
        for (const context of step.deep ? withDescendants(node, this.visit) : [node]) {
          for (const one of this.take(step, context)) found.add(one);
        }
      }
      nodes = step.deep || !IN_ORDER.has(step.axis) ? this.inOrder([...found]) : [...found];
    }
    return nodes;
  }

  private startOf(from: Path['from'], place: Place): Value {
    if (from === 'document') return [this.document];
    return from === 'node' ? [place.node] : this.evaluate(from, place);
  }

  private take({ axis, test, predicates }: Step, from: PathNode): readonly PathNode[] {
    const principal = axis === 'attribute' ? 'attribute' : 'element';
    const nodes = nodesOn(axis, from, this.visit).filter((node) => fits(test, node, principal));
    return this.filter(nodes, predicates);
  }

  /** A predicate that is a number asks for the position ([XPath 1.0] 2.4). */
  private filter(nodes: readonly PathNode[], predicates: readonly Expression[]): readonly PathNode[] {
    return predicates.reduce<readonly PathNode[]>((left, predicate) => {
      const last = left.length;
      return left.filter((node, index) => {
        const value = this.evaluate(predicate, { node, position: index + 1, last });
        return typeof value === 'number' ? value === index + 1 : toBoolean(value);
      });
    }, nodes);
  }

  private inOrder(nodes: readonly PathNode[]): readonly PathNode[] {
    const distinct = [...new Set(nodes)];
    if (distinct.length < 2) return distinct;
    this.order ??= new Map(this.everything().map((node, at) => [node, at]));
    const order = this.order;
    this.visit(distinct.length);
    const at = (node: PathNode) => order.get(node) ?? 0;
    return distinct.sort((a, b) => at(a) - at(b));
  }

  private everything(): readonly PathNode[] {
    return withDescendants(this.document, this.visit).flatMap((node) => [node, ...node.attributes()]);
  }
}

/** What these find of nodes in order is in order, where no node stands in another; `//` sorts what it finds. */
const IN_ORDER: ReadonlySet<string> = new Set(['child', 'attribute', 'self']);

function fits(test: NodeTest, { kind, prefix, name }: PathNode, principal: 'element' | 'attribute'): boolean {
  if (test.kind !== 'name') return test.kind === 'node' || kind === test.kind;
  return (
    kind === principal &&
    (test.name === '*' || test.name === name) &&
    (test.prefix === null || test.prefix === prefix)
  );
}

function nodesOf(value: Value): readonly PathNode[] {
  return typeof value === 'object' ? value : [];
}

function calculate(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case 'div':
      return a / b;
    default:
      return a % b;
  }
}

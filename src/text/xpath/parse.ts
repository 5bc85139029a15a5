import { Cursor } from '../cursor.js';
import {
  AXES,
  type Axis,
  type Expression,
  FUNCTIONS,
  type FunctionName,
  type NodeTest,
  OPERATORS,
  type Operator,
  type Path,
  type Step,
} from './syntax.js';

const NAME = /[\p{L}_][\p{L}\p{M}\p{Nd}_.-]*/uy;
const MOST_STEPS = 50;
const DEEPEST = 20;
const STEP = 'a name, "*", "@", "." or "text()"';

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function parseExpression(text: string): Expression {
  const cursor = new Cursor(text.trim(), 'an XPath');
  const expression = expressionAt(cursor, 0);
  cursor.skipSpaces();
  if (!cursor.atEnd()) throw cursor.fault('"/", "//", "[" or the end');
  return expression;
}

function expressionAt(cursor: Cursor, depth: number): Expression {
  if (depth > DEEPEST) throw cursor.fault(`brackets and predicates nested at most ${DEEPEST} deep`);
  return operationAt(cursor, depth, 0);
}

/** Operators of one level, from left to right. */
function operationAt(cursor: Cursor, depth: number, level: number): Expression {
  const operators = OPERATORS[level];
  if (operators === undefined) return operandAt(cursor, depth);
  if (operators[0] === '|' && cursor.match(/\s*-/y) !== null) {
    return { kind: 'negative', term: expressionDeeper(cursor, depth, level) };
  }
  let left = operationAt(cursor, depth, level + 1);
  for (let next = operatorAt(cursor, operators); next !== null; next = operatorAt(cursor, operators)) {
    left = { kind: 'binary', operator: next, left, right: operationAt(cursor, depth, level + 1) };
  }
  return left;
}

function expressionDeeper(cursor: Cursor, depth: number, level: number): Expression {
  if (depth > DEEPEST) throw cursor.fault(`at most ${DEEPEST} signs`);
  return operationAt(cursor, depth + 1, level);
}

function operatorAt(cursor: Cursor, operators: readonly Operator[]): Operator | null {
  cursor.skipSpaces();
  const found = operators.find((operator) =>
    /\w/.test(operator)
      ? cursor.match(new RegExp(`${operator}(?![\\w.:-])`, 'y')) !== null
      : cursor.take(operator),
  );
  return found ?? null;
}

function operandAt(cursor: Cursor, depth: number): Expression {
  cursor.skipSpaces();
  const primary = primaryAt(cursor, depth);
  if (primary === null) return { kind: 'path', path: locationAt(cursor, depth) };
  const predicates = predicatesAt(cursor, depth);
  const steps = stepsAt(cursor, depth, separatorAt(cursor));
  if (predicates.length === 0 && steps.length === 0) return primary;
  return { kind: 'path', path: { from: primary, predicates, steps } };
}

function primaryAt(cursor: Cursor, depth: number): Expression | null {
  const quoted = cursor.match(/"[^"]*"|'[^']*'/y);
  if (quoted !== null) return { kind: 'literal', value: quoted.slice(1, -1) };
  const digits = cursor.match(/\d{1,15}(?:\.\d{0,15})?|\.\d{1,15}/y);
  if (digits !== null) return { kind: 'literal', value: Number(digits) };
  if (cursor.take('(')) {
    const inner = expressionAt(cursor, depth + 1);
    cursor.expect(')');
    return inner;
  }
  const called = cursor.match(/(?!(?:text|node|comment)\s*\()[a-z-]+\s*\(/y);
  return called === null ? null : callAt(cursor, called.replace(/\s*\($/, ''), depth);
}

/** Behind the opening bracket. */
function callAt(cursor: Cursor, name: string, depth: number): Expression {
  if (!Object.hasOwn(FUNCTIONS, name))
    throw cursor.fault(`a function of ${Object.keys(FUNCTIONS).join(', ')}`);
  const known = name as FunctionName;
  const [least, most] = FUNCTIONS[known];
  const terms: Expression[] = [];
  cursor.skipSpaces();
  if (!cursor.take(')')) {
    do terms.push(expressionAt(cursor, depth + 1));
    while (cursor.match(/\s*,/y) !== null && terms.length < MOST_STEPS);
    cursor.expect(')');
  }
  if (terms.length >= least && terms.length <= most) return { kind: 'call', name: known, terms };
  throw cursor.fault(`${least} to ${most} terms of ${name}()`);
}

function locationAt(cursor: Cursor, depth: number): Path {
  const first = separatorAt(cursor);
  const from = first === null ? 'node' : 'document';
  const steps = stepsAt(cursor, depth, first ?? '/');
  if (steps.length === 0) throw cursor.fault(STEP);
  return { from, predicates: [], steps };
}

/** `first`: what was read before them; null: there are none. */
function stepsAt(cursor: Cursor, depth: number, first: '/' | '//' | null): readonly Step[] {
  const steps: Step[] = [];
  for (let separator = first; separator !== null; separator = separatorAt(cursor)) {
    steps.push(stepAt(cursor, separator === '//', depth));
    if (steps.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} steps`);
  }
  return steps;
}

function separatorAt(cursor: Cursor): '/' | '//' | null {
  cursor.skipSpaces();
  if (cursor.take('//')) return '//';
  return cursor.take('/') ? '/' : null;
}

function stepAt(cursor: Cursor, deep: boolean, depth: number): Step {
  cursor.skipSpaces();
  if (cursor.take('..')) return { deep, axis: 'parent', test: { kind: 'node' }, predicates: [] };
  if (cursor.match(/\.(?!\d)/y) !== null)
    return { deep, axis: 'self', test: { kind: 'node' }, predicates: predicatesAt(cursor, depth) };
  const axis = axisAt(cursor);
  return { deep, axis, test: nodeTestAt(cursor), predicates: predicatesAt(cursor, depth) };
}

function axisAt(cursor: Cursor): Axis {
  if (cursor.take('@')) return 'attribute';
  const name = cursor.match(/[a-z-]+\s*::\s*/y)?.replace(/\s*::\s*$/, '');
  if (name === undefined) return 'child';
  const known = AXES.find((axis) => axis === name);
  if (known === undefined) throw cursor.fault(`an axis of ${AXES.join(', ')}`);
  return known;
}

function nodeTestAt(cursor: Cursor): NodeTest {
  const kind = cursor.match(/(?:text|node|comment)\s*\(\s*\)/y)?.slice(0, 4);
  // Comments are not kept, so that there is none.
  if (kind !== undefined) return { kind: kind === 'text' || kind === 'node' ? kind : 'none' };
  if (cursor.take('*')) return { kind: 'name', prefix: null, name: '*' };
  const name = cursor.match(NAME);
  if (name === null) throw cursor.fault(STEP);
  if (cursor.match(/:(?!:)/y) === null) return { kind: 'name', prefix: null, name };
  const local = cursor.take('*') ? '*' : cursor.match(NAME);
  if (local === null) throw cursor.fault('a name after the prefix');
  return { kind: 'name', prefix: name, name: local };
}

function predicatesAt(cursor: Cursor, depth: number): readonly Expression[] {
  const predicates: Expression[] = [];
  for (cursor.skipSpaces(); cursor.take('['); cursor.skipSpaces()) {
    predicates.push(expressionAt(cursor, depth + 1));
    cursor.expect(']');
    if (predicates.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} predicates`);
  }
  return predicates;
}

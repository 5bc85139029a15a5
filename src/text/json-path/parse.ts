import { Cursor } from '../cursor.js';
import { compilePattern } from '../pattern.js';
import type { Comparison, Operand, Selector, Step, Test } from './syntax.js';

/** Plain names, also with dashes; others stand in quotes. */
const NAME = /[\p{L}\p{N}_:#%-]+/uy;
const MOST_STEPS = 50;
const DEEPEST_FILTER = 20;

/** The path may leave out its `$`. */
export function parseSteps(expression: string): readonly Step[] {
  const cursor = new Cursor(expression, 'a JSON path');
  const rooted = cursor.take('$');
  const first = rooted ? null : cursor.match(NAME);
  const steps = stepsAt(cursor, 0);
  if (!cursor.atEnd()) throw cursor.fault('".", "..", "[", "~" or the end');
  if (!rooted && first === null && steps.length === 0) throw cursor.fault('a path such as $[0].version');
  return first === null ? steps : [{ kind: 'child', name: first, deep: false }, ...steps];
}

function stepsAt(cursor: Cursor, depth: number): readonly Step[] {
  const steps: Step[] = [];
  for (let step = stepAt(cursor, depth); step !== null; step = stepAt(cursor, depth)) {
    steps.push(step);
    if (steps.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} steps`);
  }
  return steps;
}

function stepAt(cursor: Cursor, depth: number): Step | null {
  if (cursor.take('..')) {
    return { deep: true, ...(cursor.take('[') ? bracketed(cursor, depth) : named(cursor)) };
  }
  if (cursor.take('[') || cursor.take('.[')) return { deep: false, ...bracketed(cursor, depth) };
  if (cursor.take('.')) return { deep: false, ...named(cursor) };
  return cursor.match(/~(?!=)/y) === null ? null : { deep: false, kind: 'key' };
}

function named(cursor: Cursor): Selector {
  if (cursor.take('*')) return { kind: 'every' };
  const name = cursor.match(NAME);
  if (name === null) throw cursor.fault('a name or "*"');
  return { kind: 'child', name };
}

function bracketed(cursor: Cursor, depth: number): Selector {
  const selectors = [selectorAt(cursor, depth)];
  for (cursor.skipSpaces(); cursor.take(','); cursor.skipSpaces()) {
    selectors.push(selectorAt(cursor, depth));
    if (selectors.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} selectors`);
  }
  cursor.expect(']');
  const [only] = selectors;
  return only !== undefined && selectors.length === 1 ? only : { kind: 'union', selectors };
}

function selectorAt(cursor: Cursor, depth: number): Selector {
  cursor.skipSpaces();
  if (cursor.take('*')) return { kind: 'every' };
  if (cursor.take('?')) return { kind: 'filter', test: anyAt(cursor, depth + 1) };
  for (const quote of [`'`, '"']) {
    if (cursor.take(quote)) return { kind: 'child', name: cursor.until(quote, false) };
  }
  const index = wholeNumberAt(cursor);
  if (cursor.match(/\s*:\s*/y) !== null) return sliceAt(cursor, index);
  if (index === null) throw cursor.fault('a number, a name in quotes, "*" or "?"');
  return { kind: 'index', index };
}

/** Behind the first colon. */
function sliceAt(cursor: Cursor, from: number | null): Selector {
  const to = wholeNumberAt(cursor);
  const by = cursor.match(/\s*:\s*/y) === null ? 1 : (wholeNumberAt(cursor) ?? 1);
  if (by === 0) throw cursor.fault('a step that is not 0');
  return { kind: 'slice', from, to, by };
}

function wholeNumberAt(cursor: Cursor): number | null {
  const digits = cursor.match(/-?\d{1,9}/y);
  return digits === null ? null : Number(digits);
}

function anyAt(cursor: Cursor, depth: number): Test {
  if (depth > DEEPEST_FILTER) throw cursor.fault(`filters nested at most ${DEEPEST_FILTER} deep`);
  return joined(cursor, 'or', '||', () => joined(cursor, 'and', '&&', () => termAt(cursor, depth)));
}

function joined(cursor: Cursor, kind: 'and' | 'or', sign: string, next: () => Test): Test {
  const tests = [next()];
  for (cursor.skipSpaces(); cursor.take(sign); cursor.skipSpaces()) tests.push(next());
  return { kind, tests };
}

function termAt(cursor: Cursor, depth: number): Test {
  cursor.skipSpaces();
  if (cursor.match(/!(?!=)/y) !== null) return { kind: 'not', test: factorAt(cursor, depth + 1) };
  if (cursor.take('(')) return groupAt(cursor, depth);
  const left = operandAt(cursor, depth);
  cursor.skipSpaces();
  if (cursor.take('=~')) return { kind: 'match', operand: left, pattern: patternAt(cursor) };
  if (cursor.take('==')) return { kind: 'equal', left, right: operandAt(cursor, depth) };
  if (cursor.take('!='))
    return { kind: 'not', test: { kind: 'equal', left, right: operandAt(cursor, depth) } };
  const comparison = cursor.match(/[<>]=?/y) as Comparison | null;
  if (comparison === null) return { kind: 'truthy', operand: left };
  return { kind: comparison, left, right: operandAt(cursor, depth) };
}

/** What `!` stands before: a group or a single operand, never a comparison. */
function factorAt(cursor: Cursor, depth: number): Test {
  cursor.skipSpaces();
  return cursor.take('(') ? groupAt(cursor, depth) : { kind: 'truthy', operand: operandAt(cursor, depth) };
}

function groupAt(cursor: Cursor, depth: number): Test {
  const test = anyAt(cursor, depth + 1);
  cursor.expect(')');
  return test;
}

function operandAt(cursor: Cursor, depth: number): Operand {
  cursor.skipSpaces();
  for (const from of ['@', '$'] as const) {
    if (cursor.take(from)) return { kind: 'path', from, steps: stepsAt(cursor, depth + 1) };
  }
  for (const quote of [`'`, '"']) {
    if (cursor.take(quote)) return { kind: 'literal', value: cursor.until(quote, false) };
  }
  const word = cursor.match(/true\b|false\b|null\b|-?\d+(?:\.\d+)?/y);
  if (word === null) throw cursor.fault('@, $, a text in quotes, a number, true, false or null');
  return {
    kind: 'literal',
    value: JSON.parse(word.replace(/^(-?)0+(?=\d)/, '$1')) as number | boolean | null,
  };
}

function patternAt(cursor: Cursor) {
  cursor.expect('/');
  const source = cursor.until('/', true);
  return compilePattern(source, { ignoreCase: cursor.take('i') });
}

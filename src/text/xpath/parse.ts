import { Cursor } from '../cursor.js';
import type { Expression, NodeTest, Path, Step } from './syntax.js';

const NAME = /[\p{L}_][\p{L}\p{M}\p{Nd}_.-]*/uy;
const MOST_STEPS = 50;
const DEEPEST = 20;

/** PermanentError `definition.invalid` with the place and what was expected there. */
export function parsePath(expression: string): Path {
  const cursor = new Cursor(expression.trim(), 'an XPath');
  const path = pathAt(cursor, 0);
  if (path === null) throw cursor.fault('a path such as //item/version');
  cursor.skipSpaces();
  if (!cursor.atEnd()) throw cursor.fault('"/", "//", "[" or the end');
  return path;
}

function pathAt(cursor: Cursor, depth: number): Path | null {
  const first = separatorAt(cursor);
  const step = stepAt(cursor, first === '//', depth);
  if (step === null) {
    if (first === null) return null;
    throw cursor.fault('a name, "*", "@", "." or "text()"');
  }
  const steps = [step];
  for (let next = separatorAt(cursor); next !== null; next = separatorAt(cursor)) {
    const following = stepAt(cursor, next === '//', depth);
    if (following === null) throw cursor.fault('a name, "*", "@", "." or "text()"');
    steps.push(following);
    if (steps.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} steps`);
  }
  return { absolute: first !== null, steps };
}

function separatorAt(cursor: Cursor): '/' | '//' | null {
  cursor.skipSpaces();
  if (cursor.take('//')) return '//';
  return cursor.take('/') ? '/' : null;
}

function stepAt(cursor: Cursor, deep: boolean, depth: number): Step | null {
  cursor.skipSpaces();
  const test = nodeTestAt(cursor);
  if (test === null) return null;
  const predicates: Expression[] = [];
  for (cursor.skipSpaces(); cursor.take('['); cursor.skipSpaces()) {
    predicates.push(anyOf(cursor, depth + 1));
    cursor.expect(']');
    if (predicates.length > MOST_STEPS) throw cursor.fault(`at most ${MOST_STEPS} predicates`);
  }
  return { deep, test, predicates };
}

function nodeTestAt(cursor: Cursor): NodeTest | null {
  if (cursor.take('..')) return { kind: 'parent' };
  if (cursor.take('.')) return { kind: 'self' };
  if (cursor.match(/text\s*\(\s*\)/y) !== null) return { kind: 'text' };
  const isAttribute = cursor.take('@');
  const named = nameAt(cursor);
  if (named !== null) return { kind: isAttribute ? 'attribute' : 'element', ...named };
  if (isAttribute) throw cursor.fault('the name of an attribute');
  return null;
}

function nameAt(cursor: Cursor): { prefix: string | null; name: string } | null {
  if (cursor.take('*')) return { prefix: null, name: '*' };
  const name = cursor.match(NAME);
  if (name === null || !cursor.take(':')) return name === null ? null : { prefix: null, name };
  const local = cursor.take('*') ? '*' : cursor.match(NAME);
  if (local === null) throw cursor.fault('a name after the prefix');
  return { prefix: name, name: local };
}

function anyOf(cursor: Cursor, depth: number): Expression {
  if (depth > DEEPEST) throw cursor.fault(`predicates nested at most ${DEEPEST} deep`);
  return joined(cursor, 'or', () => joined(cursor, 'and', () => comparisonAt(cursor, depth)));
}

function joined(cursor: Cursor, kind: 'and' | 'or', next: () => Expression): Expression {
  const word = kind === 'and' ? /and(?![\w.:-])/y : /or(?![\w.:-])/y;
  const first = next();
  const terms = [first];
  for (cursor.skipSpaces(); cursor.match(word) !== null; cursor.skipSpaces()) terms.push(next());
  return terms.length === 1 ? first : { kind, terms };
}

function comparisonAt(cursor: Cursor, depth: number): Expression {
  const left = operandAt(cursor, depth);
  cursor.skipSpaces();
  if (cursor.take('!=')) return { kind: 'unequal', left, right: operandAt(cursor, depth) };
  return cursor.take('=') ? { kind: 'equal', left, right: operandAt(cursor, depth) } : left;
}

function operandAt(cursor: Cursor, depth: number): Expression {
  cursor.skipSpaces();
  const quoted = cursor.match(/"[^"]*"|'[^']*'/y);
  if (quoted !== null) return { kind: 'literal', value: quoted.slice(1, -1) };
  const digits = cursor.match(/\d{1,9}(?:\.\d{1,9})?/y);
  if (digits !== null) return { kind: 'literal', value: Number(digits) };
  if (cursor.take('(')) {
    const inner = anyOf(cursor, depth + 1);
    cursor.expect(')');
    return inner;
  }
  const called = cursor.match(/(?:last|position|contains|starts-with|not)\s*\(/y);
  if (called !== null) return callAt(cursor, called.replace(/\s*\($/, ''), depth);
  const path = pathAt(cursor, depth);
  if (path === null) throw cursor.fault('a path, a text in quotes, a number or a function');
  return { kind: 'path', path };
}

/** Behind the opening parenthesis. */
function callAt(cursor: Cursor, name: string, depth: number): Expression {
  if (name === 'last' || name === 'position') {
    cursor.expect(')');
    return { kind: name };
  }
  const first = anyOf(cursor, depth + 1);
  if (name === 'not') {
    cursor.expect(')');
    return { kind: 'not', term: first };
  }
  cursor.expect(',');
  const part = anyOf(cursor, depth + 1);
  cursor.expect(')');
  return { kind: name === 'contains' ? 'contains' : 'starts-with', text: first, part };
}

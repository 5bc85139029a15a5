import { parseSteps } from '../../text/json-path/parse.js';
import type { Operand, Step, Test } from '../../text/json-path/syntax.js';
import { writeAny } from './pattern-text.js';

/** The document with `value` where the path finds it; what stands there already and fits is kept. */
export function putAt(document: unknown, path: string, value: unknown): unknown {
  return put(document, parseSteps(path), value);
}

function put(current: unknown, steps: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  switch (step.kind) {
    case 'child':
      return putMember(current, step.name, rest, value);
    case 'index':
      return putItem(current, step.index, rest, value);
    case 'key':
      return { [String(value)]: current ?? {} };
    case 'every':
      return rest[0]?.kind === 'key'
        ? { ...membersOf(current), [String(value)]: {} }
        : putItem(current, 0, rest, value);
    case 'filter': {
      const [first, ...others] = itemsOf(current);
      return [put(satisfy(first, step.test), rest, value), ...others];
    }
    default:
      return current;
  }
}

function putMember(current: unknown, name: string, rest: readonly Step[], value: unknown): unknown {
  // A number in dots may be a place in a list.
  if (Array.isArray(current) && /^\d+$/.test(name)) return putItem(current, Number(name), rest, value);
  const members = membersOf(current);
  return { ...members, [name]: put(members[name], rest, value) };
}

function putItem(current: unknown, index: number, rest: readonly Step[], value: unknown): unknown {
  const items = [...itemsOf(current)];
  const at = index < 0 ? Math.max(items.length + index, 0) : index;
  while (items.length < at) items.push(null);
  items[at] = put(items[at], rest, value);
  return items;
}

/** The node with what the filter asks for. */
function satisfy(node: unknown, test: Test): unknown {
  switch (test.kind) {
    case 'and':
      return test.tests.reduce<unknown>(satisfy, node);
    case 'or':
      return test.tests[0] === undefined ? node : satisfy(node, test.tests[0]);
    case 'truthy':
      return putOperand(node, test.operand, true, false);
    case 'equal':
      return test.right.kind === 'literal' ? putOperand(node, test.left, test.right.value, true) : node;
    case 'match':
      return putOperand(node, test.operand, writeAny(test.pattern.source), true);
    default:
      // What is denied is not there.
      return node;
  }
}

function putOperand(node: unknown, operand: Operand, value: unknown, wins: boolean): unknown {
  if (operand.kind !== 'path' || operand.from !== '@') return node;
  const [step] = operand.steps;
  const isThere = step?.kind === 'child' && Object.hasOwn(membersOf(node), step.name);
  return isThere && !wins ? node : put(node, operand.steps, value);
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

import type { PathNode } from './node.js';

export type Value = string | number | boolean | readonly PathNode[];

/** Gives an element's text, which is put together anew each time; it throws when that was too much. */
export type Read = (node: PathNode) => string;

/** [XPath 1.0] 4.2: of nodes, that of the first. */
export function toText(value: Value, read: Read): string {
  if (typeof value !== 'object') return String(value);
  return value[0] === undefined ? '' : read(value[0]);
}

/** [XPath 1.0] 4.4: a text that is no number is NaN. */
export function toNumber(value: Value, read: Read): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  return numberOf(toText(value, read));
}

export function toBoolean(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value);
}

const COMPARISONS = {
  '=': (a: unknown, b: unknown) => a === b,
  '!=': (a: unknown, b: unknown) => a !== b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;
export type Comparison = keyof typeof COMPARISONS;

export function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(COMPARISONS, operator);
}

/** [XPath 1.0] 3.4: nodes compare by any of them; booleans before numbers before texts; order is of numbers. */
export function compares(
  operator: Comparison,
  left: Value,
  right: Value,
  read: Read,
  visit: (count: number) => void,
): boolean {
  const isOrder = operator !== '=' && operator !== '!=';
  const agree = COMPARISONS[operator] as (a: unknown, b: unknown) => boolean;
  if (!isOrder && (typeof left === 'boolean' || typeof right === 'boolean'))
    return agree(toBoolean(left), toBoolean(right));
  const asNumbers = isOrder || typeof left === 'number' || typeof right === 'number';
  const [lefts, rights] = [left, right].map((value) => scalarsOf(value, read, asNumbers)) as [
    Scalars,
    Scalars,
  ];
  visit(lefts.length * rights.length);
  return lefts.some((a) => rights.some((b) => agree(a, b)));
}

type Scalars = readonly (string | number)[];

function scalarsOf(value: Value, read: Read, asNumbers: boolean): Scalars {
  const texts = typeof value === 'object' ? value.map(read) : null;
  if (!asNumbers) return texts ?? [String(value)];
  return texts?.map(numberOf) ?? [toNumber(value, read)];
}

function numberOf(text: string): number {
  return /^\s*-?(?:\d+(?:\.\d*)?|\.\d+)\s*$/.test(text) ? Number(text) : Number.NaN;
}

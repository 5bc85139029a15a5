/** Expressions of XPath 1.0, as they are parsed. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'path'; readonly path: Path }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'negative'; readonly term: Expression }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly terms: readonly Expression[] };

/** From the loosest to the tightest ([XPath 1.0] 3.5); what begins like another stands before it. */
export const OPERATORS = [
  ['or'],
  ['and'],
  ['!=', '='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', 'div', 'mod'],
  ['|'],
] as const;
export type Operator = (typeof OPERATORS)[number][number];

/** With the least and the most terms ([XPath 1.0] 4). */
export const FUNCTIONS = {
  last: [0, 0],
  position: [0, 0],
  count: [1, 1],
  name: [0, 1],
  'local-name': [0, 1],
  string: [0, 1],
  concat: [2, 50],
  'starts-with': [2, 2],
  contains: [2, 2],
  'substring-before': [2, 2],
  'substring-after': [2, 2],
  substring: [2, 3],
  'string-length': [0, 1],
  'normalize-space': [0, 1],
  translate: [3, 3],
  boolean: [1, 1],
  not: [1, 1],
  true: [0, 0],
  false: [0, 0],
  number: [0, 1],
  sum: [1, 1],
  floor: [1, 1],
  ceiling: [1, 1],
  round: [1, 1],
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

export interface Path {
  /** `document`: begins with `/` or `//`, at the document wherever it stands; else at the node, or at what is in brackets. */
  readonly from: 'document' | 'node' | Expression;
  /** Of what is in brackets: `(//a)[1]`. */
  readonly predicates: readonly Expression[];
  readonly steps: readonly Step[];
}

export interface Step {
  /** `//` before it: from each node and everything below it. */
  readonly deep: boolean;
  readonly axis: Axis;
  readonly test: NodeTest;
  /** Of the nodes that one context node gives, one after the other ([XPath 1.0] 2.4). */
  readonly predicates: readonly Expression[];
}

export const AXES = [
  'child',
  'attribute',
  'self',
  'parent',
  'descendant',
  'descendant-or-self',
  'ancestor',
  'ancestor-or-self',
  'following-sibling',
  'preceding-sibling',
  'following',
  'preceding',
] as const;
export type Axis = (typeof AXES)[number];

export type NodeTest =
  /** `prefix` null: a name without one, which fits in every namespace, as feeds are careless about theirs. */
  | { readonly kind: 'name'; readonly prefix: string | null; readonly name: string | '*' }
  | { readonly kind: 'text' | 'node' | 'none' };

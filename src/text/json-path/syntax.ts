import type { Pattern } from '../pattern.js';

/** A step from nodes to nodes; `deep`: from each node and everything below it (`..`). */
export type Step = { readonly deep: boolean } & Selector;

export type Selector =
  | { readonly kind: 'child'; readonly name: string }
  /** From the end when negative. */
  | { readonly kind: 'index'; readonly index: number }
  /** As RFC 9535 2.3.4: from the end when negative; null: the list's own bound. */
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null; readonly by: number }
  /** What each of them finds, one after the other. */
  | { readonly kind: 'union'; readonly selectors: readonly Selector[] }
  | { readonly kind: 'every' }
  /** `~`: the name under which a node stands, instead of its value. */
  | { readonly kind: 'key' }
  | { readonly kind: 'filter'; readonly test: Test };

export type Test =
  | { readonly kind: 'and' | 'or'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'truthy'; readonly operand: Operand }
  | { readonly kind: 'equal' | Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'match'; readonly operand: Operand; readonly pattern: Pattern };

/** Of two numbers or two texts; others do not compare. */
export type Comparison = '<' | '<=' | '>' | '>=';

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `@` is the node that the filter looks at, `$` the whole document. */
  | { readonly kind: 'path'; readonly from: '@' | '$'; readonly steps: readonly Step[] };

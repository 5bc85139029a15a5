import type { Pattern } from '../pattern.js';

/** A step from nodes to nodes; `deep`: from each node and everything below it (`..`). */
export type Step = { readonly deep: boolean } & Selector;

export type Selector =
  | { readonly kind: 'child'; readonly name: string }
  /** From the end when negative. */
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every' }
  /** `~`: the name under which a node stands, instead of its value. */
  | { readonly kind: 'key' }
  | { readonly kind: 'filter'; readonly test: Test };

export type Test =
  | { readonly kind: 'and' | 'or'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'truthy'; readonly operand: Operand }
  | { readonly kind: 'equal'; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'match'; readonly operand: Operand; readonly pattern: Pattern };

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `@` is the node that the filter looks at, `$` the whole document. */
  | { readonly kind: 'path'; readonly from: '@' | '$'; readonly steps: readonly Step[] };

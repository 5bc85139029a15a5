/** The subset of XPath 1.0 that feeds are read with. */
export interface Path {
  /** Begins with `/` or `//`: at the document, wherever it stands. */
  readonly absolute: boolean;
  readonly steps: readonly Step[];
}

export interface Step {
  /** `//` before it: from each node and everything below it. */
  readonly deep: boolean;
  readonly test: NodeTest;
  /** Of the nodes that one context node gives, one after the other ([XPath 1.0] 2.4). */
  readonly predicates: readonly Expression[];
}

export type NodeTest =
  /** `prefix` null: a name without one, which fits in every namespace, as feeds are careless about theirs. */
  | { readonly kind: 'element' | 'attribute'; readonly prefix: string | null; readonly name: string | '*' }
  | { readonly kind: 'text' | 'self' | 'parent' };

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly kind: 'not'; readonly term: Expression }
  | { readonly kind: 'equal'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'unequal'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'contains' | 'starts-with'; readonly text: Expression; readonly part: Expression }
  | { readonly kind: 'last' | 'position' };

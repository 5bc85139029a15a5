import { matchesGlob, type Policy, publishRuleFor } from './decide.js';
import type { ProductDefinition, Tier } from './product.js';

/** Which of the defined products are synchronised; the others are known only. */
export interface ProductSelection {
  /** Ids of products; `*` stands for any text. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly tiers: readonly Tier[];
}

export const DEFAULT_SELECTION: ProductSelection = { include: ['*'], exclude: [], tiers: ['A', 'B'] };

type Selectable = Pick<ProductDefinition, 'id' | 'vendor' | 'tier'> & {
  readonly automation?: 'forbidden';
  readonly retired?: true;
};

/** Why nobody's word makes this product be fetched; null: it may be. */
export function whyNeverFetched(product: Selectable): string | null {
  if (product.automation === 'forbidden') return 'its vendor forbids automated download';
  if (product.retired === true) return 'its vendor has retired it';
  return product.tier === 'C' ? 'its definition is of tier C: it does not suffice to publish it' : null;
}

/** Why the product is not synchronised by itself; null: it is. */
export function whyNotSelected(
  product: Selectable,
  { include, exclude, tiers }: ProductSelection,
  policy: Policy,
): string | null {
  const never = whyNeverFetched(product);
  if (never !== null) return never;
  const named = (globs: readonly string[]) => globs.some((glob) => matchesGlob(glob, product.id));
  if (!named(include)) return 'the settings do not include it (products.include)';
  if (named(exclude)) return 'the settings exclude it (products.exclude)';
  if (!tiers.includes(product.tier)) return `the settings leave out tier ${product.tier} (products.tiers)`;
  return publishRuleFor(product, policy) === 'never' ? 'the policy never publishes it' : null;
}

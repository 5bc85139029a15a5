import { variantOf } from '../../core/product.js';
import type { ProductDefinition } from '../../core/product.js';
import type { OverviewRow } from '../../operations/overview.js';

/** How many products of one kind are verified in all their variants. */
export interface KindCount {
  readonly technology: string;
  readonly feed: string;
  readonly products: number;
  readonly verified: number;
}

/** A variant that no client has proven, and why. */
export interface NotVerified {
  readonly product: string;
  readonly variant: string;
  readonly state: string;
  readonly reason: string;
}

/** By technology and type of feed, in the order of their names. */
export function countKinds(
  products: readonly ProductDefinition[],
  rows: readonly OverviewRow[],
): readonly KindCount[] {
  const open = new Set(notVerified(products, rows).map(({ product }) => product));
  const counts = new Map<string, KindCount>();
  for (const { id, installers, feeds } of products) {
    const technology = [...new Set(installers.map((one) => one.technology))].join(' and ');
    const feed = feeds[0]?.type ?? 'none';
    const { products: all, verified } = counts.get(`${technology} ${feed}`) ?? { products: 0, verified: 0 };
    const isVerified = !open.has(id);
    counts.set(`${technology} ${feed}`, {
      technology,
      feed,
      products: all + 1,
      verified: verified + (isVerified ? 1 : 0),
    });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

/** What the overview does not have at all has not even been seen. */
export function notVerified(
  products: readonly ProductDefinition[],
  rows: readonly OverviewRow[],
): readonly NotVerified[] {
  const byVariant = new Map(rows.map((row) => [`${row.productId} ${row.variant}`, row]));
  return products.flatMap(({ id, installers }) =>
    installers.map(variantOf).flatMap((variant): readonly NotVerified[] => {
      const row = byVariant.get(`${id} ${variant}`);
      if (row?.state === 'verified') return [];
      const state = row?.state ?? 'unseen';
      return [{ product: id, variant, state, reason: row?.reason ?? 'it has come no further yet' }];
    }),
  );
}

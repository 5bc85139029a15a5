import { type CatalogFinding, finding } from './finding.js';
import type { PackageFacts } from './package-facts.js';

/** Names that a catalog adds to an update server: each pair of vendor and product is a category of its own there. */
export interface Vocabulary {
  readonly vendors: number;
  /** Pairs of vendor and product. */
  readonly products: number;
}

/**
 * Every client receives every locally published category, and too many break its scan (wsus-publishing, question 12: the
 * number is not published). HP, Lenovo and Dell have at most a handful; so more is worth a word, not a refusal.
 */
export const VOCABULARY_LIMITS: Vocabulary = { vendors: 10, products: 50 };

export function vocabularyOf(packages: Iterable<Pick<PackageFacts, 'vendor' | 'products'>>): Vocabulary {
  const vendors = new Set<string>();
  const pairs = new Set<string>();
  for (const { vendor, products } of packages) {
    vendors.add(vendor.toLowerCase());
    for (const product of products) pairs.add(JSON.stringify([vendor.toLowerCase(), product.toLowerCase()]));
  }
  return { vendors: vendors.size, products: pairs.size };
}

export function vocabularyFindings(found: Vocabulary): readonly CatalogFinding[] {
  return (['vendors', 'products'] as const)
    .filter((kind) => found[kind] > VOCABULARY_LIMITS[kind])
    .map((kind) =>
      finding('vocabulary', `${kind} in WSUS`, {
        level: 'note',
        expected: `at most ${VOCABULARY_LIMITS[kind]}; finer names belong to V3 categories`,
        found: String(found[kind]),
      }),
    );
}

/** Names that a catalog adds to an update server: each pair of vendor and product is a category of its own there. */
export interface Vocabulary {
  readonly vendors: number;
  /** Pairs of vendor and product. */
  readonly products: number;
}

/** What one update adds; the same name in other letters is the same category. */
export interface UpdateNames {
  readonly vendor: string;
  readonly products: readonly string[];
}

/**
 * Every client receives every locally published category, and too many break its scan (wsus-publishing, question 12: the
 * number is not published). HP, Lenovo and Dell have at most a handful; so more is worth a word, not a refusal.
 */
export const VOCABULARY_LIMITS: Vocabulary = { vendors: 10, products: 50 };

/** From this share of a limit on it is near. */
const NEAR = 0.8;

export function vocabularyOf(updates: Iterable<UpdateNames>): Vocabulary {
  const vendors = new Set<string>();
  const pairs = new Set<string>();
  for (const { vendor, products } of updates) {
    vendors.add(vendor.toLowerCase());
    for (const product of products) pairs.add(JSON.stringify([vendor.toLowerCase(), product.toLowerCase()]));
  }
  return { vendors: vendors.size, products: pairs.size };
}

export type VocabularyLevel = 'few' | 'near' | 'over';

/** How the counts stand to the limits, by the worse of the two. */
export function vocabularyLevel(found: Vocabulary): VocabularyLevel {
  const share = Math.max(
    found.vendors / VOCABULARY_LIMITS.vendors,
    found.products / VOCABULARY_LIMITS.products,
  );
  if (share > 1) return 'over';
  return share >= NEAR ? 'near' : 'few';
}

/** The names of each catalog, and of all of them as one update server has them. */
export interface VocabularyGauge {
  readonly catalogs: readonly ({ readonly name: string } & Vocabulary)[];
  readonly all: Vocabulary;
  readonly level: VocabularyLevel;
  readonly limits: Vocabulary;
}

export function gaugeVocabulary(
  catalogs: readonly { readonly name: string; readonly updates: readonly UpdateNames[] }[],
): VocabularyGauge {
  const all = vocabularyOf(catalogs.flatMap(({ updates }) => updates));
  return {
    catalogs: catalogs.map(({ name, updates }) => ({ name, ...vocabularyOf(updates) })),
    all,
    level: vocabularyLevel(all),
    limits: VOCABULARY_LIMITS,
  };
}

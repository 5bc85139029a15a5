/** What a person said about a product or one version of it; the gate `packages` reads it (design section 6). */
export interface PersonWord {
  /** `block`: the version was rolled back; its PackageID is expired and will never be revised. */
  readonly verdict: 'hold' | 'approve' | 'block';
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly reason: string;
}

/** The setting of the ledger that keeps the latest word; null: about the whole product. */
export function wordSetting(productId: string, version: string | null): string {
  return JSON.stringify(['word', productId, ...(version === null ? [] : [version])]);
}

/** A setting as a word: null where there is none, or where it is not of that form. */
export function parseWord(text: string | null): PersonWord | null {
  if (text === null) return null;
  const found: unknown = JSON.parse(text);
  return isWord(found) ? found : null;
}

const VERDICTS: readonly unknown[] = ['hold', 'approve', 'block'] satisfies PersonWord['verdict'][];

function isWord(found: unknown): found is PersonWord {
  if (typeof found !== 'object' || found === null) return false;
  const { verdict, by, at, reason } = found as Partial<Record<keyof PersonWord, unknown>>;
  return VERDICTS.includes(verdict) && [by, at, reason].every((one) => typeof one === 'string');
}

/**
 * The word that counts for a version. What was said about exactly this version stands, but for a yes that is older than
 * a hold of the whole product; a yes to the product only lifts the product's hold.
 */
export function selectWord(ofVersion: PersonWord | null, ofProduct: PersonWord | null): PersonWord | null {
  const isHeld = ofProduct?.verdict === 'hold';
  if (ofVersion === null || ofVersion.verdict !== 'approve') return ofVersion ?? (isHeld ? ofProduct : null);
  return isHeld && ofProduct.at > ofVersion.at ? ofProduct : ofVersion;
}

/** As `selectWord`, read from where the words are kept. */
export async function readWord(
  ledger: { setting(name: string): Promise<string | null> },
  productId: string,
  version: string,
): Promise<PersonWord | null> {
  const [ofVersion, ofProduct] = await Promise.all([
    ledger.setting(wordSetting(productId, version)),
    ledger.setting(wordSetting(productId, null)),
  ]);
  return selectWord(parseWord(ofVersion), parseWord(ofProduct));
}

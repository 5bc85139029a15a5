/** What a person said about a product or one version of it; the gate `packages` reads it (design section 6). */
export interface PersonWord {
  /**
   * `block`: the version was rolled back; its PackageID is expired and will never be revised. `disown`: it never was a
   * version of the vendor's.
   */
  readonly verdict: 'hold' | 'approve' | 'block' | 'disown';
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

const VERDICTS: readonly unknown[] = ['hold', 'approve', 'block', 'disown'] satisfies PersonWord['verdict'][];

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

interface Settings {
  setting(name: string): Promise<string | null>;
}

/** As `selectWord`, read from where the words are kept. */
export async function readWord(
  ledger: Settings,
  productId: string,
  version: string,
): Promise<PersonWord | null> {
  const [ofVersion, ofProduct] = await Promise.all([
    ledger.setting(wordSetting(productId, version)),
    ledger.setting(wordSetting(productId, null)),
  ]);
  return selectWord(parseWord(ofVersion), parseWord(ofProduct));
}

/** What no yes to a product as a whole takes back. */
export function isRefusal(word: PersonWord | null): boolean {
  return word?.verdict === 'block' || word?.verdict === 'disown';
}

/** The versions of a product whose latest word is `disown`: no measure for what its feeds show. */
export async function readDisowned(ledger: Settings, productId: string): Promise<readonly string[]> {
  const kept = await ledger.setting(disownedSetting(productId));
  return kept === null ? [] : (JSON.parse(kept) as readonly string[]);
}

/** Keeps a word about one version, and which versions are disowned by it. */
export async function speakOfVersion(
  ledger: Settings & { putSetting(name: string, value: string): Promise<void> },
  { productId, version }: { readonly productId: string; readonly version: string },
  word: PersonWord,
): Promise<void> {
  await ledger.putSetting(wordSetting(productId, version), JSON.stringify(word));
  const before = await readDisowned(ledger, productId);
  const others = before.filter((one) => one !== version);
  const now = word.verdict === 'disown' ? [...others, version] : others;
  if (now.length !== before.length) await ledger.putSetting(disownedSetting(productId), JSON.stringify(now));
}

/** Read at each turn of a feed: one row, however many versions are known. */
function disownedSetting(productId: string): string {
  return JSON.stringify(['disowned', productId]);
}

import { matchOfName } from './display-name.js';
import type { ArpDetection, InstallerDefinition, ProductDefinition } from './product.js';

/** One entry under Uninstall, as computers of the site have it (imported inventory). */
export interface InventoryRow {
  readonly displayName: string;
  readonly displayVersion: string;
  readonly publisher: string | null;
  /** Null: the inventory does not tell. */
  readonly key: string | null;
  readonly view: '64' | '32' | null;
  readonly windowsInstaller: boolean | null;
  /** How many computers have it. */
  readonly computers: number;
}

/** How copies of a product show themselves on the site's computers: for a person to state in its definition. */
export interface DetectionSuggestion {
  readonly productId: string;
  readonly detection: ArpDetection;
  readonly computers: number;
  readonly versions: readonly string[];
}

const PRODUCT_CODE = /^\{[0-9A-F-]{36}\}$/i;

/**
 * Of products with an installer whose detection is not known: what their entries have in common, the one that most
 * computers have first. An entry is a product's where its name without the version begins with the product's name and
 * its publisher with the first word of the vendor's. A resemblance proves nothing, so that nothing is taken over. Pure.
 */
export function suggestDetections(
  products: readonly ProductDefinition[],
  rows: readonly InventoryRow[],
): readonly DetectionSuggestion[] {
  return products
    .filter(({ installers }) => installers.some(isUnknown))
    .flatMap((product) => suggestionsFor(product, rows));
}

/** The files of the other technologies tell it themselves. */
function isUnknown({ technology, detection }: InstallerDefinition): boolean {
  if (detection !== undefined) return detection.evidence === 'inferred';
  return technology === 'nullsoft' || technology === 'exe';
}

function suggestionsFor(
  product: ProductDefinition,
  rows: readonly InventoryRow[],
): readonly DetectionSuggestion[] {
  const groups = new Map<string, DetectionSuggestion>();
  for (const row of rows) {
    const detection = isOf(product, row) ? detectionOf(row) : null;
    if (detection === null) continue;
    const id = JSON.stringify(detection);
    const known = groups.get(id);
    groups.set(id, {
      productId: product.id,
      detection,
      computers: (known?.computers ?? 0) + row.computers,
      versions: [...new Set([...(known?.versions ?? []), row.displayVersion])],
    });
  }
  return [...groups.values()].sort((a, b) => b.computers - a.computers);
}

function isOf({ name, vendor }: ProductDefinition, { displayName, publisher }: InventoryRow): boolean {
  const startsWith = (text: string, start: string) => {
    const rest = text.toLowerCase().startsWith(start.toLowerCase()) ? text.slice(start.length) : null;
    return rest !== null && !/^[\p{L}\p{N}]/u.test(rest);
  };
  const [firstWord = vendor] = vendor.split(/[\s,]+/);
  return startsWith(displayName, name) && (publisher === null || startsWith(publisher, firstWord));
}

/** Null where too little of the name is left without its version. */
function detectionOf(row: InventoryRow): ArpDetection | null {
  const { displayName, displayVersion, publisher, key, view } = row;
  const match = matchOfName(displayName, [displayVersion]);
  if (match === null) return null;
  const isProductCode = key !== null && PRODUCT_CODE.test(key);
  return {
    ...(view === null ? {} : { view }),
    displayName: match,
    ...(publisher === null ? {} : { publisher }),
    // A bundle's key looks like a ProductCode too: only a person can tell where the inventory does not.
    windowsInstaller: row.windowsInstaller ?? isProductCode,
    displayVersion: 'release',
    evidence: 'inventory',
  };
}

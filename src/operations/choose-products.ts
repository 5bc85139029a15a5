import { matchesGlob } from '../core/decide.js';
import { PermanentError, printable } from '../core/errors.js';
import type { ProductDefinition } from '../core/product.js';
import { DEFAULT_SELECTION, whyNeverFetched, whyNotSelected } from '../core/selection.js';
import type { OperationsDeps } from './deps.js';

export interface ProductChoice {
  /** Ids of products, or patterns with `*` over those that are synchronised; absent: all that are. */
  readonly productIds?: readonly string[];
  /** Only of this vendor; `*` stands for any text. */
  readonly vendor?: string;
}

type Deps = Pick<OperationsDeps, 'products' | 'policy' | 'selection'>;

/** Why the product is not synchronised by itself; null: it is. */
export function whyNotSynced({ policy, selection }: Deps, product: ProductDefinition): string | null {
  return whyNotSelected(product, selection ?? DEFAULT_SELECTION, policy);
}

export function syncedProducts(deps: Deps): readonly ProductDefinition[] {
  return deps.products.all().filter((product) => whyNotSynced(deps, product) === null);
}

/**
 * The products that are meant, each once. A product that is named may be asked although it is not synchronised by itself,
 * but never one that must not be fetched. PermanentError `not-found`, `plan.refused`.
 */
export function chooseProducts(
  deps: Deps,
  { productIds, vendor }: ProductChoice,
): readonly ProductDefinition[] {
  const synced = syncedProducts(deps);
  const named =
    productIds === undefined ? synced : productIds.flatMap((id) => productsNamed(deps, synced, id));
  const wanted = vendor === undefined ? named : named.filter((one) => matchesGlob(vendor, one.vendor));
  if (wanted.length === 0 && vendor !== undefined) throw nothingMatches(`vendor ${vendor}`, deps);
  return [...new Map(wanted.map((product) => [product.id, product])).values()];
}

function productsNamed(
  deps: Deps,
  synced: readonly ProductDefinition[],
  text: string,
): readonly ProductDefinition[] {
  if (text.includes('*')) {
    const found = synced.filter(({ id }) => matchesGlob(text, id));
    if (found.length === 0) throw nothingMatches(text, deps);
    return found;
  }
  const product = deps.products.get(text);
  if (product === null) throw unknownProduct(deps, text);
  const never = whyNeverFetched(product);
  if (never === null) return [product];
  throw new PermanentError('plan.refused', 'this product is known only and never fetched', {
    where: product.id,
    found: never,
    nextStep: 'patchpress product check says what its definition lacks',
  });
}

function nothingMatches(text: string, deps: Deps): PermanentError {
  return new PermanentError('not-found', 'no product that is synchronised matches', {
    where: printable(text, 200),
    expected: `one of the ${syncedProducts(deps).length} that are, of ${deps.products.all().length} that are defined`,
    nextStep: 'patchpress status --all lists them with the reason',
  });
}

function unknownProduct(deps: Deps, id: string): PermanentError {
  const fault = deps.products.faults().find((one) => one.message.includes(id) || one.path.includes(id));
  return new PermanentError('not-found', 'no such product', {
    where: printable(id, 200),
    expected: 'the id of a definition under catalogs/products',
    found:
      fault === undefined
        ? 'no definition with this id'
        : `a definition that was set aside: ${fault.message}`,
    nextStep: 'patchpress product check',
  });
}

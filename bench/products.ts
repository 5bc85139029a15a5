import { join } from 'node:path';
import { loadProductCatalog } from '../src/config/products.js';
import { PROJECT_ROOT } from '../src/config/project-root.js';
import type { ProductDefinition } from '../src/core/product.js';
import { whyNeverFetched } from '../src/core/selection.js';
import { versionSchemes } from '../src/core/versions/index.js';
import { checkFeed, feedTypes } from '../src/feeds/index.js';

/** The definitions that are shipped, or those of another folder, as far as a sync asks them; each with the vendor's own feed alone. */
export function loadProducts(folder: string | undefined): readonly ProductDefinition[] {
  const catalog = loadProductCatalog([folder ?? join(PROJECT_ROOT, 'catalogs/products')], {
    feedTypes,
    versionSchemes: [...versionSchemes.keys()],
    checkFeed,
  });
  const asked = catalog.all().filter((product) => whyNeverFetched(product) === null);
  return asked.map((product) => ({ ...product, feeds: product.feeds.slice(0, 1) }));
}

/** As many products as wanted: where there are too few, the same feeds again under other ids. */
export function multiply(
  products: readonly ProductDefinition[],
  count: number,
): readonly ProductDefinition[] {
  return Array.from({ length: count }, (_, place) => {
    const product = products[place % products.length] as ProductDefinition;
    const round = Math.floor(place / products.length);
    return round === 0 ? product : { ...product, id: `${product.id}.Copy${round}` };
  });
}

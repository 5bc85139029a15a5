import type { ProductCatalog } from '../../core/ports.js';
import { type ProductDefinition, variantOf } from '../../core/product.js';
import type { Fixtures } from '../../lab/vendor-site/index.js';

/**
 * The definitions as far as the lab can show them: the variants that its vendors ship, at most `count` products, and
 * those of its stand-ins besides.
 */
export function productsOfLab(
  products: ProductCatalog,
  fixtures: Fixtures,
  count: number | null,
  standIns: readonly ProductDefinition[] = [],
): ProductCatalog {
  const shipped = new Set(fixtures.shipped.map(({ productId, variant }) => `${productId} ${variant}`));
  const inLab = (product: ProductDefinition): ProductDefinition => ({
    ...product,
    installers: product.installers.filter((one) => shipped.has(`${product.id} ${variantOf(one)}`)),
  });
  const ids = [...new Set(fixtures.shipped.map(({ productId }) => productId))].sort();
  const own = ids
    .flatMap((id) => products.get(id) ?? [])
    .map(inLab)
    .filter(({ installers }) => installers.length > 0)
    .slice(0, count ?? undefined);
  const all = [...own, ...standIns];
  const byId = new Map(all.map((product) => [product.id, product]));
  return { ...products, all: () => all, get: (id) => byId.get(id) ?? null };
}

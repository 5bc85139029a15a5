import { join } from 'node:path';
import type { ProductCatalog } from '../../core/ports.js';
import type { ProductDefinition } from '../../core/product.js';
import { makeInstallers } from '../../lab/installers/make.js';
import type { Fixtures } from '../../lab/vendor-site/index.js';
import { chooseFarmProducts, feedAddresses } from './farm-products.js';

/** Products beyond those of the fixtures, and the folder in which their installers lie. */
export interface Farm {
  readonly folder: string;
  readonly products: readonly ProductDefinition[];
  readonly fixtures: Fixtures;
}

/** Stand-ins for `count` products of the catalog that the fixtures do not have; their installers are made here. */
export function makeFarm(dataDir: string, catalog: ProductCatalog, own: Fixtures, count: number): Farm {
  const shipped = new Set(own.shipped.map(({ productId }) => productId));
  const all = catalog.all();
  const taken = all.filter(({ id }) => shipped.has(id)).flatMap(feedAddresses);
  const others = all.filter(({ id }) => !shipped.has(id));
  const chosen = chooseFarmProducts(others, count, taken);
  const folder = join(dataDir, 'lab', 'made');
  const orders = chosen.flatMap((one) => one.orders);
  return {
    folder,
    products: chosen.map(({ definition }) => definition),
    fixtures: makeInstallers(folder, orders, own, new Date()),
  };
}

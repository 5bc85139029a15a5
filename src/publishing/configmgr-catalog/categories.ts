import { productCategoryIdOf, vendorCategoryIdOf } from '../../core/identity.js';
import type { UpdateRecord } from '../../core/records.js';

/** `V3\<Id>.json` (configmgr-catalog 1.5), its members in the order of the files that are known. */
export interface CatalogCategory {
  readonly DisplayName: string;
  readonly Id: string;
  readonly Members: readonly string[];
  /** Empty text: at the top. */
  readonly ParentId: string;
}

interface Categorized {
  readonly update: Pick<UpdateRecord, 'packageId' | 'productId' | 'productName'>;
  readonly vendor: string;
}

/**
 * Two levels, vendor and product; each update is in both, as a subscription may be limited to either. Ids come from
 * names, for the site keeps its publish options under them. By id; members sorted.
 */
export function categoriesOf(siteId: string, entries: readonly Categorized[]): readonly CatalogCategory[] {
  const vendors = new Map<string, Vendor>();
  for (const { update, vendor: name } of entries) {
    const vendor = getOrAdd(vendors, name, () => newVendor(siteId, name));
    const product = getOrAdd(vendor.products, update.productId, () =>
      category(productCategoryIdOf(siteId, name, update.productId), vendor.Id, update.productName),
    );
    vendor.Members.push(update.packageId);
    product.Members.push(update.packageId);
  }
  const categories = [...vendors.values()].flatMap(({ products, ...vendor }) => [
    vendor,
    ...products.values(),
  ]);
  for (const { Members } of categories) Members.sort();
  return categories.sort((a, b) => (a.Id < b.Id ? -1 : 1));
}

type Growing = CatalogCategory & { readonly Members: string[] };
type Vendor = Growing & { readonly products: Map<string, Growing> };

function newVendor(siteId: string, name: string): Vendor {
  return { ...category(vendorCategoryIdOf(siteId, name), '', name), products: new Map() };
}

function category(Id: string, ParentId: string, DisplayName: string): Growing {
  return { DisplayName, Id, Members: [], ParentId };
}

function getOrAdd<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

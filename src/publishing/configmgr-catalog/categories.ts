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
  const categories = new Map<string, CatalogCategory & { readonly Members: string[] }>();
  const add = (Id: string, ParentId: string, DisplayName: string, packageId: string): void => {
    const known = categories.get(Id);
    if (known === undefined) categories.set(Id, { DisplayName, Id, Members: [packageId], ParentId });
    else known.Members.push(packageId);
  };
  for (const { update, vendor } of entries) {
    const vendorId = vendorCategoryIdOf(siteId, vendor);
    add(vendorId, '', vendor, update.packageId);
    add(
      productCategoryIdOf(siteId, vendor, update.productId),
      vendorId,
      update.productName,
      update.packageId,
    );
  }
  for (const { Members } of categories.values()) Members.sort();
  return [...categories.values()].sort((a, b) => (a.Id < b.Id ? -1 : 1));
}

import { uuidv5 } from '../../core/identity.js';
import type { PackageFacts } from './package-facts.js';
import { nextRevision, type SupState } from './state.js';

/** The categories an update is filed under, created where they are missing: Company, Product below it, classification. */
export function fileUnderCategories(state: SupState, facts: PackageFacts, now: Date): void {
  const company = ensure(state, companyId(state, facts.vendorName), 'Company', facts.vendorName, null, now);
  for (const name of facts.productNames) {
    ensure(state, productId(state, facts.vendorName, name), 'Product', name, company, now);
  }
  ensure(state, facts.classificationId, 'UpdateClassification', facts.classification, null, now);
}

export function productCategoriesOf(state: SupState, facts: PackageFacts): readonly string[] {
  return facts.productNames.map((name) => productId(state, facts.vendorName, name));
}

function ensure(
  state: SupState,
  updateId: string,
  type: 'Company' | 'Product' | 'UpdateClassification',
  title: string,
  parentId: string | null,
  now: Date,
): string {
  state.categories[updateId] ??= {
    updateId,
    type,
    title,
    parentId,
    ...nextRevision(state),
    changedAt: now.toISOString(),
  };
  return updateId;
}

function companyId(state: SupState, vendor: string): string {
  return nameId(state.serverId, `Company\n${vendor}`);
}

function productId(state: SupState, vendor: string, product: string): string {
  return nameId(state.serverId, `Product\n${vendor}\n${product}`);
}

/** The same name is the same category, on this server only. */
function nameId(serverId: string, name: string): string {
  return uuidv5(serverId, name.normalize('NFC'));
}

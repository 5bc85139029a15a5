import { productCategoriesOf } from './categories.js';
import { readPackageFacts } from './package-facts.js';
import { SiteRefusal } from './refusal.js';
import type { SiteProduct, StoredUpdate, SupState } from './state.js';
import type { World } from './world.js';

/**
 * A synchronization reveals the companies and products that the update server has come to know. None is subscribed by
 * itself: the updates of a new product show only after an administrator has ticked it and the next synchronization.
 */
export function revealProducts(state: SupState): void {
  for (const { updateId, type, title, parentId } of Object.values(state.categories)) {
    if (type === 'UpdateClassification' || state.products[updateId] !== undefined) continue;
    state.products[updateId] = {
      categoryInstanceId: state.nextCiId,
      updateId,
      type,
      name: title,
      parentUpdateId: parentId,
      isSubscribed: false,
    };
    state.nextCiId += 1;
  }
}

/** Whether the site takes the update in: one of its products is ticked. */
export function isSubscribed(state: SupState, update: StoredUpdate): boolean {
  const ids = productCategoriesOf(state, readPackageFacts(update.sdp));
  return ids.some((id) => state.products[id]?.isSubscribed === true);
}

/** Ticks a product in the properties of the software update point component. SiteRefusal where that is not allowed. */
export function enableProduct(world: World, categoryInstanceId: number): void {
  if (world.options.faults?.product === 'not-enabled') {
    throw new SiteRefusal(null, 'the account may not change the software update point component of the site');
  }
  const product = Object.values(world.state.products).find(
    (one) => one.categoryInstanceId === categoryInstanceId && one.type === 'Product',
  );
  if (product === undefined) throw new SiteRefusal(null, `there is no product ${categoryInstanceId}`);
  product.isSubscribed = true;
  world.commit();
}

/** As if it had never been ticked; what the site shows already stays. */
export function disableProducts(world: World): void {
  for (const product of Object.values(world.state.products)) product.isSubscribed = false;
  world.commit();
}

/** Rows of SMS_UpdateCategoryInstance, the properties that its page gives. */
export function productRow(state: SupState, product: SiteProduct): Readonly<Record<string, unknown>> {
  const parent = product.parentUpdateId === null ? undefined : state.products[product.parentUpdateId];
  return {
    CategoryInstanceID: product.categoryInstanceId,
    CategoryInstance_UniqueID: `${product.type}:${product.updateId}`,
    CategoryTypeName: product.type,
    LocalizedCategoryInstanceName: product.name,
    ParentCategoryInstanceID: parent?.categoryInstanceId ?? 0,
    AllowSubscription: product.type === 'Product',
    IsSubscribed: product.isSubscribed,
  };
}

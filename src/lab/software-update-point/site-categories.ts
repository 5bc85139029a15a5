import { productCategoriesOf } from './categories.js';
import type { Row } from './odata.js';
import { readPackageFacts } from './package-facts.js';
import { SiteRefusal } from './refusal.js';
import type { SiteCategory, StoredUpdate, SupState } from './state.js';
import type { World } from './world.js';

/** Classifications that the lab's administrator has ticked. */
const TICKED: readonly string[] = ['Critical Updates', 'Security Updates'];

/**
 * A synchronization reveals the categories that the update server has come to know. No product is subscribed by itself: the
 * updates of a new one show only after an administrator has ticked it and the next synchronization.
 */
export function revealCategories(state: SupState): void {
  for (const { updateId, type, title, parentId } of Object.values(state.categories)) {
    if (state.products[updateId] !== undefined) continue;
    state.products[updateId] = {
      categoryInstanceId: state.nextCiId,
      updateId,
      type,
      name: title,
      parentUpdateId: parentId,
      isSubscribed: type === 'UpdateClassification' && TICKED.includes(title),
    };
    state.nextCiId += 1;
  }
}

/** Whether the site takes the update in: its classification and one of its products are ticked. */
export function isSubscribed(state: SupState, update: StoredUpdate): boolean {
  const facts = readPackageFacts(update.sdp);
  const isTicked = (id: string) => state.products[id]?.isSubscribed === true;
  return isTicked(facts.classificationId) && productCategoriesOf(state, facts).some(isTicked);
}

/** Ticks it in the properties of the software update point component. SiteRefusal where that is not allowed. */
export function enableCategory(world: World, categoryInstanceId: number): void {
  if (world.options.faults?.product === 'not-enabled') {
    throw new SiteRefusal(null, 'the account may not change the software update point component of the site');
  }
  const category = Object.values(world.state.products).find(
    (one) => one.categoryInstanceId === categoryInstanceId && one.type !== 'Company',
  );
  if (category === undefined) throw new SiteRefusal(null, `there is no category ${categoryInstanceId}`);
  category.isSubscribed = true;
  world.commit();
}

/** As if none had ever been ticked; what the site shows already stays. */
export function disableProducts(world: World): void {
  for (const one of Object.values(world.state.products)) if (one.type === 'Product') one.isSubscribed = false;
  world.commit();
}

/** A row of SMS_UpdateCategoryInstance, the properties that its page gives. */
export function categoryRow(state: SupState, category: SiteCategory): Row {
  const parent = category.parentUpdateId === null ? undefined : state.products[category.parentUpdateId];
  return {
    CategoryInstanceID: category.categoryInstanceId,
    CategoryInstance_UniqueID: `${category.type}:${category.updateId}`,
    CategoryTypeName: category.type,
    LocalizedCategoryInstanceName: category.name,
    ParentCategoryInstanceID: parent?.categoryInstanceId ?? 0,
    AllowSubscription: category.type !== 'Company',
    IsSubscribed: category.isSubscribed,
  };
}

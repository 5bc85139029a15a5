import { describeFault } from '../core/errors.js';
import type { ContentStore, Site, SiteCategory } from '../core/ports.js';
import type { RevisionRecord } from '../core/records.js';
import { CLASSIFICATION_CATEGORY } from '../sus/namespaces.js';
import { attributeOf, childElements, childOf, parseXml, textOf } from '../text/xml/index.js';
import { SYNC_FAILED, whereToEnable } from './configuration-manager/next-steps.js';
import { isRefusal, type Obstacle } from './configuration-manager/obstacle.js';

export interface EnablingDeps {
  readonly content: ContentStore;
  readonly site: Site;
  /** Whether our product may be ticked in the site's software update point component. */
  readonly enableProducts: boolean;
  /** Whether a classification may be, which brings what others have filed under it too. */
  readonly enableClassifications: boolean;
}

const MAX_SDP_BYTES = 8 << 20;

/**
 * A synchronization shows the updates of ticked products and classifications only, and a new product is revealed by one
 * before it can be ticked for the next (configmgr-catalog 2). `enabled`: something was ticked now, so that a
 * synchronization is due; null: nothing of this stands in the way.
 */
export async function enableCategories(
  deps: EnablingDeps,
  revision: Pick<RevisionRecord, 'packageId' | 'sdpSha256'>,
): Promise<'enabled' | Obstacle | null> {
  const filed = filingIn(await deps.content.get(revision.sdpSha256), revision.packageId);
  const product = await enable(productOf(deps, filed));
  if (product !== null && product !== 'enabled') return product;
  const classification = await enable(classificationOf(deps, filed));
  return classification ?? product;
}

/** One category that must be ticked. */
interface Category {
  /** The product "A" of "B". */
  readonly names: string;
  readonly find: () => Promise<SiteCategory | null>;
  readonly enable: (found: SiteCategory) => Promise<void>;
  /** The setting that lets us, and whether it does. */
  readonly setting: string;
  readonly isAllowed: boolean;
  readonly nextStep: string;
}

function productOf({ site, enableProducts }: EnablingDeps, { vendor, product }: Filing): Category {
  return {
    names: `the product "${product}" of "${vendor}"`,
    find: () => site.product(vendor, product),
    enable: (found) => site.enableProduct(found),
    setting: 'site.enableProducts',
    isAllowed: enableProducts,
    nextStep: whereToEnable(`Products: tick ${vendor} > ${product}`, '-AddProduct'),
  };
}

function classificationOf({ site, enableClassifications }: EnablingDeps, filed: Filing): Category | null {
  const { classification } = filed;
  const id = CLASSIFICATION_CATEGORY[classification];
  if (id === undefined) return null;
  return {
    names: `the classification "${classification}"`,
    find: () => site.classification(id.toLowerCase()),
    enable: (found) => site.enableClassification(found),
    setting: 'site.enableClassifications',
    isAllowed: enableClassifications,
    nextStep: whereToEnable(`Classifications: tick ${classification}`, '-AddUpdateClassification'),
  };
}

async function enable(category: Category | null): Promise<'enabled' | Obstacle | null> {
  if (category === null) return null;
  const { names, nextStep } = category;
  const found = await asked(category.find);
  if (found === 'refused') return null;
  if (found === null) return { reason: `no synchronization of the site has revealed ${names} yet`, nextStep };
  if (found.isSubscribed) return null;
  const disabled = `${names} is not enabled in the site, so its updates do not show`;
  if (!category.isAllowed) {
    return { reason: `${disabled}; the setting ${category.setting} does not let us enable it`, nextStep };
  }
  try {
    await category.enable(found);
    return 'enabled';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { reason: `${disabled}; asked for it: ${describeFault(error)}`, nextStep };
  }
}

/** Null where the last synchronization of the software update point did not fail, or the site does not tell. */
export async function syncObstacle(site: Site): Promise<Obstacle | null> {
  const fault = await asked(() => site.syncFault());
  if (fault === null || fault === 'refused') return null;
  return { reason: `the site's software update synchronization failed: ${fault}`, nextStep: SYNC_FAILED };
}

/** Classes that a site does not show us are no fault of the update. */
async function asked<T>(question: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await question();
  } catch (error) {
    if (isRefusal(error)) return 'refused';
    throw error;
  }
}

/** What WSUS makes its categories of. */
interface Filing {
  readonly vendor: string;
  readonly product: string;
  readonly classification: string;
}

function filingIn(sdp: Buffer, packageId: string): Filing {
  const document = parseXml(sdp, { where: packageId, maxBytes: MAX_SDP_BYTES });
  const properties = childOf(document, 'Properties');
  const data = childOf(document, 'UpdateSpecificData');
  const [product] = properties === null ? [] : childElements(properties, 'ProductName');
  return {
    vendor: (properties && attributeOf(properties, 'VendorName')) ?? '',
    product: product === undefined ? '' : textOf(product),
    classification: (data && attributeOf(data, 'UpdateClassification')) ?? '',
  };
}

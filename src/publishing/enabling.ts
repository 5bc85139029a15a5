import { describeFault, PermanentError } from '../core/errors.js';
import type { ContentStore, Site } from '../core/ports.js';
import type { RevisionRecord } from '../core/records.js';
import { attributeOf, childElements, childOf, parseXml, textOf } from '../text/xml/index.js';
import { SYNC_FAILED, whereToEnable } from './configuration-manager/next-steps.js';

/** Why the site does not show what it was given, and what helps. */
export interface Obstacle {
  readonly reason: string;
  readonly nextStep: string;
}

export interface EnablingDeps {
  readonly content: ContentStore;
  readonly site: Site;
  /** Whether our product may be ticked in the site's software update point component. */
  readonly enableProducts: boolean;
}

const MAX_SDP_BYTES = 8 << 20;

/**
 * A synchronization shows the updates of ticked products only, and a new product is revealed by one before it can be
 * ticked for the next (configmgr-catalog 2). `enabled`: it was ticked now, so that a synchronization is due; null: nothing
 * of this stands in the way.
 */
export async function enableProduct(
  deps: EnablingDeps,
  revision: Pick<RevisionRecord, 'packageId' | 'sdpSha256'>,
): Promise<'enabled' | Obstacle | null> {
  const { vendor, product } = namesIn(await deps.content.get(revision.sdpSha256), revision.packageId);
  const nextStep = whereToEnable(vendor, product);
  const names = `the product "${product}" of "${vendor}"`;
  const found = await asked(() => deps.site.product(vendor, product));
  if (found === 'refused') return null;
  if (found === null) {
    return { reason: `no synchronization of the site has revealed ${names} yet`, nextStep };
  }
  if (found.isSubscribed) return null;
  const disabled = `${names} is not enabled in the site, so its updates do not show`;
  if (!deps.enableProducts) {
    return { reason: `${disabled}; the setting site.enableProducts does not let us enable it`, nextStep };
  }
  try {
    await deps.site.enableProduct(found);
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

function isRefusal(error: unknown): boolean {
  return error instanceof PermanentError && error.code === 'target.refused';
}

/** What WSUS makes its categories of. */
function namesIn(sdp: Buffer, packageId: string): { readonly vendor: string; readonly product: string } {
  const properties = childOf(parseXml(sdp, { where: packageId, maxBytes: MAX_SDP_BYTES }), 'Properties');
  const vendor = properties === null ? null : attributeOf(properties, 'VendorName');
  const [product] = properties === null ? [] : childElements(properties, 'ProductName');
  return { vendor: vendor ?? '', product: product === undefined ? '' : textOf(product) };
}

import { PermanentError } from '../core/errors.js';
import type { Site, SiteUpdateState } from '../core/ports.js';

/** What the site shows of one update. PermanentError `protocol.violation` when it gives no answer about it. */
export async function stateAtSite(site: Site, packageId: string): Promise<SiteUpdateState> {
  const state = (await site.updates([packageId])).find((one) => one.packageId === packageId);
  if (state !== undefined) return state;
  throw new PermanentError('protocol.violation', 'the site gives no answer about the update', {
    where: packageId,
    expected: 'one state for each id that was asked for',
  });
}

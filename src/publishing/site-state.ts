import { describeFault, PermanentError } from '../core/errors.js';
import type { Site, SiteUpdateState } from '../core/ports.js';
import { isRefusal } from './configuration-manager/obstacle.js';

/** What the site shows of one update. PermanentError `protocol.violation` when it gives no answer about it. */
export async function stateAtSite(site: Site, packageId: string): Promise<SiteUpdateState> {
  const state = (await site.updates([packageId])).find((one) => one.packageId === packageId);
  if (state !== undefined) return state;
  throw new PermanentError('protocol.violation', 'the site gives no answer about the update', {
    where: packageId,
    expected: 'one state for each id that was asked for',
  });
}

/**
 * Null, or why the call was refused. Not the last word: where the site publishes content by itself (a category set to
 * full content) there is no such call, and what it shows afterwards decides.
 */
export async function askForContent(site: Site, packageId: string): Promise<string | null> {
  try {
    await site.publishContent(packageId);
    return null;
  } catch (error) {
    if (isRefusal(error)) return describeFault(error);
    throw error;
  }
}

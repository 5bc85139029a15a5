import type { StageContext, StageResult } from '../core/stage.js';
import { hopOf } from './configuration-manager/hop.js';
import type { FollowDeps } from './follow.js';
import type { WithdrawInput } from './jobs.js';
import { stateAtSite } from './site-state.js';

/**
 * An expired update is withdrawn when the site shows its last revision; until then the site is asked to look at where it
 * is. Then it leaves the update group of ours that has it.
 */
export async function withdraw(
  deps: FollowDeps,
  { packageId, revision: number }: WithdrawInput,
  context: StageContext,
): Promise<StageResult> {
  const { ledger, clock, site, syncs, deployments, pollMs } = deps;
  const revision = await ledger.revision(packageId, number);
  const update = await ledger.update(packageId);
  if (update === null || revision === null || site === null || syncs === null) {
    return {
      outcome: 'unchanged',
      reason: 'no site is configured: what it makes of it cannot be seen from here',
    };
  }
  const now = clock.now();
  if (hopOf(await stateAtSite(site, packageId), revision) === 'published') {
    await (update.route === 'direct' ? syncs.show() : syncs.refresh(now));
  }
  if (hopOf(await stateAtSite(site, packageId), revision) !== 'published') {
    await deployments?.remove([packageId]);
    return { outcome: 'advanced', next: [], summary: 'the site knows that it is expired' };
  }
  context.log.debug({ packageId, revision: number }, 'the site does not show the expired revision yet');
  return {
    outcome: 'waiting',
    until: new Date(now.getTime() + pollMs),
    reason: WAITS_FOR[update.route],
  };
}

const WAITS_FOR = {
  catalog: 'expired in the catalog; the site does not know it yet (catalog and software update syncs)',
  direct: 'expired at the Software Update Point; the site does not know it yet (software update sync)',
} as const;

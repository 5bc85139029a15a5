import { describeFault } from '../../../core/errors.js';
import { isRefusal, type Obstacle } from '../obstacle.js';
import type { SiteRest } from '../rest.js';
import { readCiId, readUpdates } from '../updates.js';
import { findAssignment } from './assignment.js';
import type { DeploymentCmdlets } from './cmdlets.js';
import { findContent, findPointGroup, isAssigned, whyNotThere } from './content.js';
import { createUpdateGroups } from './groups.js';
import * as missing from './missing.js';
import type { DeploymentPlan } from './plan.js';

/** What stands between an update and its clients; `isRefused`: the site was asked for it and does not do it. */
export interface Unfinished extends Obstacle {
  readonly isRefused?: true;
}

/** Deployments of our own, in place of an administrator's rule. Errors of `SiteRest` and `Bridge`. */
export interface Deployments {
  /**
   * Goes as far with a deployable update as the site lets us: content into the package, that to the group with the CMG,
   * then into the update group and its deployment. Each step is read from the site, asked for where it is missing, and read
   * again, so that it may end and begin again anywhere. Null: clients can have it.
   */
  carry(packageId: string): Promise<Unfinished | null>;
  /** Takes what has ended out of our update groups. */
  remove(packageIds: readonly string[]): Promise<void>;
}

/** Reads are the site's REST interface, changes the cmdlets that no REST call replaces (configmgr-catalog 6). */
export function createDeployments(
  rest: SiteRest,
  cmdlets: DeploymentCmdlets,
  plan: DeploymentPlan,
): Deployments {
  const groups = createUpdateGroups(cmdlets, plan.updateGroup);
  return {
    async carry(packageId) {
      const ciId = await readCiId(rest, packageId);
      const content = await ensure(
        () => findContent(rest, plan, ciId),
        missing.content(plan),
        () => cmdlets.saveUpdate(plan, ciId),
      );
      if (isUnfinished(content)) return content;
      const points = await findPointGroup(rest, plan);
      if (points === null) return missing.pointGroup(plan);
      const assigned = await ensure(
        async () => ((await isAssigned(rest, points, content)) ? content : null),
        missing.distribution(plan),
        () => cmdlets.distributePackage(plan),
      );
      if (isUnfinished(assigned)) return assigned;
      const status = await whyNotThere(rest, points, content);
      if (status !== null) return missing.contentStatus(plan, status);
      const group = await ensure(
        () => groups.holding(ciId),
        missing.membership(plan),
        () => groups.add(ciId),
      );
      if (isUnfinished(group)) return group;
      const assignment = await ensure(
        () => findAssignment(rest, group.groupId, plan.collection),
        missing.deployment(plan, group.name),
        () => cmdlets.deployUpdateGroup(plan, group.name),
      );
      if (isUnfinished(assignment)) return assignment;
      return assignment.isEnabled ? null : missing.enabling(plan, group.name);
    },
    async remove(packageIds) {
      const rows = await readUpdates(rest, packageIds);
      const ciIds = [...rows.values()].map((row) => row.CI_ID);
      if (ciIds.length > 0) await groups.remove(ciIds);
    },
  };
}

/** Looks, asks where it is not there, and looks again: an answer to a call proves nothing. */
async function ensure<T extends object>(
  look: () => Promise<T | null>,
  without: Obstacle,
  ask: () => Promise<void>,
): Promise<T | Unfinished> {
  const before = await look();
  if (before !== null) return before;
  try {
    await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const reason = `${without.reason}; asked for it: ${describeFault(error)}`;
    return { reason, nextStep: without.nextStep, isRefused: true };
  }
  const after = await look();
  return after ?? { reason: `${without.reason}; it was asked for`, nextStep: without.nextStep };
}

function isUnfinished(found: object): found is Unfinished {
  return 'reason' in found;
}

import type { Bridge, UpdateGroup } from '../../software-update-point/bridge.js';
import type { DeploymentPlan } from './plan.js';

/** What the console's cmdlets do for a deployment; each looks first. Errors as of `Bridge`. */
export interface DeploymentCmdlets {
  updateGroup(name: string): Promise<UpdateGroup | null>;
  /** The group as it then is. */
  addToUpdateGroup(name: string, ciId: number): Promise<UpdateGroup | null>;
  removeFromUpdateGroup(name: string, ciIds: readonly number[]): Promise<UpdateGroup | null>;
  /** Downloads its content into the package. */
  saveUpdate(plan: DeploymentPlan, ciId: number): Promise<void>;
  distributePackage(plan: DeploymentPlan): Promise<void>;
  deployUpdateGroup(plan: DeploymentPlan, group: string): Promise<void>;
}

export function createDeploymentCmdlets(bridge: Bridge): DeploymentCmdlets {
  const never = () => new AbortController().signal;
  return {
    updateGroup: async (group) => (await bridge.call({ verb: 'update-group', group }, never())).updateGroup,
    addToUpdateGroup: async (group, ciId) =>
      (await bridge.call({ verb: 'add-to-update-group', group, ciId }, never())).updateGroup,
    removeFromUpdateGroup: async (group, ciIds) =>
      (await bridge.call({ verb: 'remove-from-update-group', group, ciIds }, never())).updateGroup,
    async saveUpdate({ package: { name, sourcePath } }, ciId) {
      await bridge.call({ verb: 'save-update', package: name, sourcePath, ciId }, never());
    },
    async distributePackage({ package: { name }, distributionPointGroup: pointGroup }) {
      await bridge.call({ verb: 'distribute-package', package: name, pointGroup }, never());
    },
    async deployUpdateGroup({ collection: collectionId, purpose, deadlineHours }, group) {
      const isRequired = purpose === 'required';
      const call = { verb: 'deploy-update-group', group, collectionId, isRequired, deadlineHours } as const;
      await bridge.call(call, never());
    },
  };
}

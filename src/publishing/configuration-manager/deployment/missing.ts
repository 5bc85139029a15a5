import { LIBRARY } from '../next-steps.js';
import type { Obstacle } from '../obstacle.js';
import type { DeploymentPlan } from './plan.js';

/** What is said where a part of a deployment of ours is not there, and where a person looks. */

const packageOf = ({ package: { name } }: DeploymentPlan): string =>
  `${LIBRARY} > Deployment Packages > ${name}`;
const CMG = 'hold the CMG with "Allow CMG to function as a cloud distribution point and serve content"';

export function content(plan: DeploymentPlan): Obstacle {
  return {
    reason: `its content is not in the deployment package "${plan.package.name}"`,
    nextStep: `${LIBRARY} > All Software Updates: select it, Download, into that package; the machine of the bridge needs the WSUS signing certificate in Trusted Root and Trusted Publishers and rights on ${plan.package.sourcePath} (PatchDownloader.log)`,
  };
}

export function pointGroup(plan: DeploymentPlan): Obstacle {
  return {
    reason: `the site has no distribution point group "${plan.distributionPointGroup}"`,
    nextStep: `Administration > Distribution Point Groups: create it and let it ${CMG}, or correct site.deployment.distributionPointGroup`,
  };
}

export function distribution(plan: DeploymentPlan): Obstacle {
  return {
    reason: `the deployment package "${plan.package.name}" is not distributed to "${plan.distributionPointGroup}"`,
    nextStep: `${packageOf(plan)} > Distribute Content, to that group, which must ${CMG}`,
  };
}

export function contentStatus(plan: DeploymentPlan, status: string): Obstacle {
  return {
    reason: `its content is not on all of "${plan.distributionPointGroup}": ${status}`,
    nextStep: `Monitoring > Distribution Status > Content Status > ${plan.package.name}; where a version stays behind: ${packageOf(plan)} > Update Distribution Points`,
  };
}

export function membership(plan: DeploymentPlan): Obstacle {
  return {
    reason: `it is in no update group "${plan.updateGroup}"`,
    nextStep: `${LIBRARY} > All Software Updates: select it, Edit Membership`,
  };
}

export function deployment(plan: DeploymentPlan, group: string): Obstacle {
  return {
    reason: `the update group "${group}" is not deployed to ${plan.collection}`,
    nextStep: `${LIBRARY} > Software Update Groups > ${group} > Deploy, to the collection ${plan.collection}`,
  };
}

export function enabling(plan: DeploymentPlan, group: string): Obstacle {
  return {
    reason: `the deployment of the update group "${group}" to ${plan.collection} is disabled`,
    nextStep: `${LIBRARY} > Software Update Groups > ${group} > Deployment: Enable`,
  };
}

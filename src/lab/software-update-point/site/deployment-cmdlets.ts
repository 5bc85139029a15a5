import { distribute } from '../content/distribute.js';
import { PublishFault } from '../local-publishing/fault.js';
import type { SiteRow } from '../state.js';
import type { World } from '../world.js';
import { COLLECTION, type DeploymentPackage, type DeploymentState, POINT_GROUP } from './deployment.js';

/** What the cmdlets of the console do for deployments, with what they need to be there. */

type FoundGroup = {
  readonly updateGroup: { readonly groupId: number; readonly ciIds: readonly number[] } | null;
};

export function updateGroup({ state }: World, name: string): FoundGroup {
  const found = groupOf(state.deployment, name);
  return { updateGroup: found === undefined ? null : { groupId: found.ciId, ciIds: found.updates } };
}

export function addToUpdateGroup(world: World, name: string, ciId: number): FoundGroup {
  const { state } = world;
  requireUpdate(world, 'Add-CMSoftwareUpdateToGroup', ciId);
  const found = groupOf(state.deployment, name);
  if (found === undefined) {
    state.deployment.updateGroups.push({ ciId: state.nextCiId, name, updates: [ciId] });
    state.nextCiId += 1;
  } else if (!found.updates.includes(ciId)) found.updates.push(ciId);
  world.commit();
  return updateGroup(world, name);
}

export function removeFromUpdateGroup(world: World, name: string, ciIds: readonly number[]): FoundGroup {
  const found = groupOf(world.state.deployment, name);
  if (found !== undefined) found.updates = found.updates.filter((ciId) => !ciIds.includes(ciId));
  world.commit();
  return updateGroup(world, name);
}

export function saveUpdate(
  world: World,
  { package: name, sourcePath, ciId }: { package: string; sourcePath: string; ciId: number },
): { readonly ciId: number } {
  const step = 'Save-CMSoftwareUpdate';
  const { contentFile, isDeployable } = requireUpdate(world, step, ciId);
  if (contentFile === null || !isDeployable) {
    throw new PublishFault(step, 'InvalidOperationException', 'the update has no content to download');
  }
  const target = packageOf(world.state.deployment, name) ?? createPackage(world, name, sourcePath);
  if (!target.contents.some((one) => one.contentFile === contentFile)) {
    target.version += 1;
    target.contents.push({ contentFile, version: target.version });
  }
  if (target.isDistributed) copyToGateway(world, target);
  world.commit();
  return { ciId };
}

function createPackage({ state }: World, name: string, sourcePath: string): DeploymentPackage {
  const { packages } = state.deployment;
  if (packages.some((one) => one.sourcePath.toLowerCase() === sourcePath.toLowerCase())) {
    throw new PublishFault(
      'New-CMSoftwareUpdateDeploymentPackage',
      'WqlQueryException',
      'another package has that source path',
    );
  }
  const packageId = `LAB${String(packages.length + 1).padStart(5, '0')}`;
  const fresh = { packageId, name, sourcePath, version: 1, contents: [], isDistributed: false };
  packages.push(fresh);
  return packages.at(-1) ?? fresh;
}

export function distributePackage(
  world: World,
  { package: name, pointGroup }: { package: string; pointGroup: string },
): { readonly package: string } {
  const step = 'Start-CMContentDistribution';
  const found = packageOf(world.state.deployment, name);
  if (found === undefined) throw unknown(step, `deployment package ${name}`);
  if (pointGroup !== POINT_GROUP.name) throw unknown(step, `distribution point group ${pointGroup}`);
  if (found.isDistributed) {
    throw new PublishFault(step, 'InvalidOperationException', 'No content destination was found.');
  }
  copyToGateway(world, found);
  found.isDistributed = true;
  world.commit();
  return { package: name };
}

function copyToGateway({ contentFolder, options }: World, { contents }: DeploymentPackage): void {
  for (const { contentFile } of contents) {
    distribute(contentFolder, options.distributionFolder, contentFile);
  }
}

export function deployUpdateGroup(
  world: World,
  {
    group,
    collectionId,
    isRequired,
    deadlineHours,
  }: { group: string; collectionId: string; isRequired: boolean; deadlineHours: number },
): { readonly group: string } {
  const { state, options } = world;
  const step = 'New-CMSoftwareUpdateDeployment';
  const found = groupOf(state.deployment, group);
  if (found === undefined) throw unknown(step, `software update group ${group}`);
  if (collectionId !== COLLECTION) throw unknown(step, `collection ${collectionId}`);
  const { assignments } = state.deployment;
  if (assignments.some((one) => one.groupCiId === found.ciId)) return { group };
  const deadline = new Date(options.now().getTime() + deadlineHours * 3_600_000).toISOString();
  assignments.push({
    id: assignments.length + 1,
    name: group,
    groupCiId: found.ciId,
    collectionId,
    isRequired,
    deadline: isRequired ? deadline : null,
  });
  world.commit();
  return { group };
}

const groupOf = ({ updateGroups }: DeploymentState, name: string) =>
  updateGroups.find((one) => one.name === name);

const packageOf = ({ packages }: DeploymentState, name: string) => packages.find((one) => one.name === name);

function requireUpdate({ state }: World, step: string, ciId: number): SiteRow {
  const row = Object.values(state.site).find((one) => one.ciId === ciId);
  if (row === undefined) throw unknown(step, `update ${ciId}`);
  return row;
}

function unknown(step: string, what: string): PublishFault {
  return new PublishFault(step, 'ItemNotFoundException', `no ${what}`);
}

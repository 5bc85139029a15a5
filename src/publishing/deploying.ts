import { describeFault, printable } from '../core/errors.js';
import type { Log } from '../core/ports.js';
import { contentWishOf } from '../core/publication.js';
import type { PublicationRecord, UpdateRecord } from '../core/records.js';
import type { Deployments } from './configuration-manager/deployment/index.js';
import type { DeploymentRule, DeploymentRules } from './configuration-manager/deployment-rule.js';
import type { Hop } from './configuration-manager/hop.js';
import { whereRulesAre } from './configuration-manager/next-steps.js';
import { isRefusal, type Obstacle } from './configuration-manager/obstacle.js';

export interface DeployingDeps {
  /** Null: the administrator's rules run by themselves. */
  readonly deploymentRules: DeploymentRules | null;
  /** Deployments of our own, in place of a rule; null: none are made. */
  readonly deployments: Deployments | null;
}

/** How far the site has an update, and what it waits for there. */
export interface Seen {
  readonly hop: Hop;
  readonly reason: string;
  readonly nextStep: string;
  readonly isRefused: boolean;
}

export const DISTRIBUTED: Seen = { hop: 'distributed', reason: '', nextStep: '', isRefused: false };

/**
 * Has the site bring a deployable update to the gateway, by a deployment of our own or by the administrator's rule, and
 * tells what keeps it from there. A site counts content as provisioned that is in a package only, so a deployment of our
 * own says by itself when it is done. We deploy nothing of which metadata alone is wanted.
 */
export async function withDeployment(
  { deployments, deploymentRules }: DeployingDeps,
  publication: Pick<PublicationRecord, 'packageId' | 'state' | 'content'>,
  seen: Seen,
): Promise<Seen> {
  const isReady = seen.hop === 'deployable' || seen.hop === 'distributed';
  if (deployments !== null && isReady && contentWishOf(publication) === 'full') {
    const unfinished = await deployments.carry(publication.packageId);
    if (unfinished === null) return DISTRIBUTED;
    const { reason, nextStep, isRefused = false } = unfinished;
    return { hop: 'deployable', reason: printable(reason), nextStep, isRefused };
  }
  if (deploymentRules === null || seen.hop !== 'deployable') return seen;
  const obstacle = await pushDeployment(deploymentRules, publication.state !== 'deployable');
  return obstacle === null ? seen : { ...seen, ...obstacle, reason: printable(obstacle.reason) };
}

/** Only now, when clients can have what takes their place. Left there they do no harm, and the next update takes them out. */
export async function clearSuperseded(
  { deployments }: DeployingDeps,
  { packageId, supersedes }: Pick<UpdateRecord, 'packageId' | 'supersedes'>,
  log: Log,
): Promise<void> {
  if (deployments === null || supersedes.length === 0) return;
  try {
    await deployments.remove(supersedes);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    log.warn({ packageId, error: describeFault(error) }, 'superseded updates stay in our update group');
  }
}

/**
 * Has the administrator's automatic deployment rule take an update that has just become deployable, and says how the rule
 * stands; null: a site that does not show it. It is run once for each update: what it leaves out then, its criteria leave out.
 */
export async function pushDeployment(rules: DeploymentRules, isNew: boolean): Promise<Obstacle | null> {
  try {
    const rule = await rules.look();
    const obstacle = describeRule(rules.name, rule);
    if (!isNew || rule === null || !rule.isEnabled) return obstacle;
    await rules.run(rule);
    return {
      reason: `${nameOf(rules.name)} was asked to run; what it took shows at a later look`,
      nextStep: whereRulesAre(rules.name),
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return {
      reason: `${nameOf(rules.name)} cannot be run from here: ${describeFault(error)}`,
      nextStep: `${whereRulesAre(rules.name)}: Run Now`,
    };
  }
}

function describeRule(name: string, rule: DeploymentRule | null): Obstacle {
  const where = whereRulesAre(name);
  if (rule === null) {
    return {
      reason: `the site has no automatic deployment rule "${name}"`,
      nextStep: `${where}: create it, or correct the setting site.deploymentRule`,
    };
  }
  if (!rule.isEnabled) {
    return { reason: `${nameOf(name)} is disabled, so nothing is distributed`, nextStep: `${where}: Enable` };
  }
  if (rule.lastErrorCode !== 0) {
    const code = `0x${(rule.lastErrorCode >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
    return {
      reason: `the last run of ${nameOf(name)} failed with ${code}; one update whose content is missing fails the whole rule`,
      nextStep: `${where}: read its last error, ruleengine.log and PatchDownloader.log; then Run Now`,
    };
  }
  const ran = rule.lastRunAt === null ? 'has not run yet' : `last ran at ${rule.lastRunAt}`;
  return {
    reason: `${nameOf(name)} ${ran}; the update is not on a content-enabled CMG yet`,
    nextStep: `${where}: look whether its criteria take the update in, and whether its package goes to a group that holds the CMG`,
  };
}

const nameOf = (name: string): string => `the automatic deployment rule "${name}"`;

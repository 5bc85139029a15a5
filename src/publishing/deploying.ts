import { describeFault, PermanentError } from '../core/errors.js';
import type { DeploymentRule, DeploymentRules } from './configuration-manager/deployment-rule.js';
import { whereRulesAre } from './configuration-manager/next-steps.js';
import type { Obstacle } from './enabling.js';

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
    if (!(error instanceof PermanentError) || error.code !== 'target.refused') throw error;
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

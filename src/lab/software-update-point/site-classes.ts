import { runDeploymentRule } from './content/deployment-rule.js';
import { isDistributed } from './content/publish.js';
import type { Row } from './odata.js';
import { COMPLIANCE_CLASSES, countComputers } from './site/compliance-classes.js';
import { DEPLOYMENT_CLASSES, isPackaged } from './site/deployment-classes.js';
import { categoryRow } from './site-categories.js';
import type { SiteRow } from './state.js';
import type { World } from './world.js';

/** The rows of each class that the site's REST interface is asked about. */
export const CLASSES: Readonly<Record<string, (world: World) => readonly Row[]>> = {
  ...DEPLOYMENT_CLASSES,
  ...COMPLIANCE_CLASSES,
  SMS_SoftwareUpdate: (world) => {
    runDeploymentRule(world);
    return Object.values(world.state.site).map((row) => updateRow(world, row));
  },
  SMS_UpdateCategoryInstance: ({ state }) =>
    Object.values(state.products).map((category) => categoryRow(state, category)),
  SMS_SUPSyncStatus: (world) => [syncStatusRow(world)],
  SMS_AutoDeployment: (world) => [deploymentRuleRow(world)],
};

function updateRow(world: World, row: SiteRow): Row {
  const { state, options } = world;
  const { contentFile } = row;
  const { missing, present } = countComputers(world, row.packageId);
  return {
    CI_ID: row.ciId,
    CI_UniqueID: row.packageId,
    LocalizedDisplayName: row.title,
    DateRevised: row.revisedAt,
    IsMetadataOnlyUpdate: row.isMetadataOnly,
    IsDeployable: row.isDeployable,
    IsContentProvisioned:
      contentFile !== null &&
      (isPackaged(state.deployment.packages, contentFile) ||
        isDistributed(options.distributionFolder, contentFile)),
    IsExpired: row.isExpired,
    IsSuperseded: row.isSuperseded,
    NumMissing: missing,
    NumPresent: present,
  };
}

export const RULE_ID = 16777217;

/** The lab's one rule; it comes due whenever someone looks. */
function deploymentRuleRow({ options }: World): Row {
  return {
    AutoDeploymentID: RULE_ID,
    Name: 'Patchpress',
    AutoDeploymentEnabled: options.faults?.distribution !== 'not-distributed',
    LastRunTime: options.now().toISOString(),
    LastErrorCode: 0,
  };
}

/** One row: the lab has one software update point. Its values are those of the class's page. */
function syncStatusRow({ state, options }: World): Row {
  const sync = state.siteSync;
  return {
    WSUSServerName: options.hostName,
    SiteCode: 'LAB',
    LastSyncState: sync === null ? null : sync.errorCode === 0 ? 6702 : 6703,
    LastSyncErrorCode: sync?.errorCode ?? 0,
    LastSyncStateTime: sync?.at ?? null,
    LastSuccessfulSyncTime: sync?.successAt ?? null,
  };
}

import type { Row } from '../odata.js';
import type { World } from '../world.js';
import { contentIdOf, type DeploymentPackage, GATEWAY_PATH, POINT_GROUP } from './deployment.js';

/** PKG_TYPE_SWUPDATES. */
const SOFTWARE_UPDATES = 5;
/** `State` of a distribution point. */
const INSTALLED = 0;

/** Rows of the classes that tell of deployments, with properties that their pages give. */
export const DEPLOYMENT_CLASSES: Readonly<Record<string, (world: World) => readonly Row[]>> = {
  // `Updates` is lazy: it is not among what a query gives.
  SMS_AuthorizationList: ({ state }) =>
    state.deployment.updateGroups.map(({ ciId, name, updates }) => ({
      CI_ID: ciId,
      LocalizedDisplayName: name,
      NumberOfUpdates: updates.length,
    })),
  SMS_SoftwareUpdatesPackage: ({ state }) =>
    state.deployment.packages.map((one) => ({
      PackageID: one.packageId,
      Name: one.name,
      PkgSourcePath: one.sourcePath,
      SourceVersion: one.version,
    })),
  SMS_CIToContent: ({ state }) =>
    Object.values(state.site).flatMap(({ ciId, packageId, contentFile }) =>
      contentFile === null
        ? []
        : [
            {
              CI_ID: ciId,
              CI_UniqueID: packageId,
              ContentID: contentIdOf(contentFile),
              ContentDownloaded: isPackaged(state.deployment.packages, contentFile),
            },
          ],
    ),
  SMS_PackageToContent: ({ state }) =>
    state.deployment.packages.flatMap(({ packageId, contents }) =>
      contents.map(({ contentFile, version }) => ({
        PackageID: packageId,
        PackageType: SOFTWARE_UPDATES,
        ContentID: contentIdOf(contentFile),
        MinPackageVersion: version,
      })),
    ),
  SMS_DistributionPointGroup: () => [{ GroupID: POINT_GROUP.id, Name: POINT_GROUP.name, MemberCount: 1 }],
  SMS_DPGroupMembers: () => [{ GroupID: POINT_GROUP.id, DPNALPath: GATEWAY_PATH }],
  SMS_DPGroupContentInfo: ({ state }) =>
    distributed(state.deployment.packages).map(({ packageId, name }) => ({
      GroupID: POINT_GROUP.id,
      PackageID: packageId,
      Name: name,
    })),
  SMS_PackageStatusDistPointsSummarizer: ({ state }) =>
    distributed(state.deployment.packages).map(({ packageId, version }) => ({
      PackageID: packageId,
      PackageType: SOFTWARE_UPDATES,
      ServerNALPath: GATEWAY_PATH,
      SiteCode: 'LAB',
      SourceVersion: version,
      State: INSTALLED,
    })),
  SMS_UpdateGroupAssignment: ({ state }) =>
    state.deployment.assignments.map((one) => ({
      AssignmentID: one.id,
      AssignmentName: one.name,
      AssignedUpdateGroup: one.groupCiId,
      TargetCollectionID: one.collectionId,
      Enabled: true,
      EnforcementDeadline: one.deadline,
    })),
};

const distributed = (packages: readonly DeploymentPackage[]) => packages.filter((one) => one.isDistributed);

/** What `IsContentProvisioned` of an update means: its content is in a package. */
export function isPackaged(packages: readonly DeploymentPackage[], contentFile: string): boolean {
  return packages.some(({ contents }) => contents.some((one) => one.contentFile === contentFile));
}

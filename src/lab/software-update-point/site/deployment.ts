import { z } from 'zod';

/** `SMS_AuthorizationList`; `updates` are CI_IDs. */
const UpdateGroup = z.object({ ciId: z.number(), name: z.string(), updates: z.array(z.number()) });

/** `SMS_SoftwareUpdatesPackage` with its content (`SMS_PackageToContent`). */
const DeploymentPackage = z.object({
  packageId: z.string(),
  name: z.string(),
  sourcePath: z.string(),
  version: z.number(),
  contents: z.array(z.object({ contentFile: z.string(), version: z.number() })),
  /** Assigned to the lab's one distribution point group, and so on the gateway. */
  isDistributed: z.boolean(),
});

/** `SMS_UpdateGroupAssignment`. */
const Assignment = z.object({
  id: z.number(),
  name: z.string(),
  groupCiId: z.number(),
  collectionId: z.string(),
  isRequired: z.boolean(),
  deadline: z.string().nullable(),
});

export const DeploymentState = z.object({
  updateGroups: z.array(UpdateGroup).default([]),
  packages: z.array(DeploymentPackage).default([]),
  assignments: z.array(Assignment).default([]),
});
export type DeploymentState = z.infer<typeof DeploymentState>;
export type DeploymentPackage = z.infer<typeof DeploymentPackage>;

/** What an administrator has made in the lab's site. */
export const POINT_GROUP = { id: '{6617708D-0F98-4898-8D05-9E882C23DCB2}', name: 'Gateway' } as const;
/** All computers that the update server knows. */
export const COLLECTION = 'LAB00012';
export const GATEWAY_PATH =
  '["Display=\\\\cmg.patchpress.lab\\"]MSWNET:["SMS_SITE=LAB"]\\\\cmg.patchpress.lab\\';

/** The site's number of a content: another file is another content. */
export function contentIdOf(contentFile: string): number {
  return Number.parseInt(contentFile.slice(contentFile.indexOf('/') + 1).slice(0, 7), 16);
}

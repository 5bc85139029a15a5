import { z } from 'zod';

export const CollectionId = z
  .string()
  .regex(/^[0-9A-Za-z]{8}$/, 'expected the id of a collection, such as XYZ00012');

const Name = z
  .string()
  .max(200)
  .regex(/^\P{Cc}+$/u, 'expected a name of one line');

/** Where updates go that we deploy ourselves, by the names of the site. */
export const DeploymentSchema = z.strictObject({
  updateGroup: Name,
  /** Made where there is none of that name. */
  package: z.strictObject({
    name: Name,
    sourcePath: z
      .string()
      .max(400)
      .regex(
        /^\\\\[^\\/:*?"<>|\p{Cc}]+\\[^/:*?"<>|\p{Cc}]+$/u,
        'expected a UNC folder, such as \\\\server\\share\\patchpress',
      ),
  }),
  /** The one that holds the content-enabled CMG. */
  distributionPointGroup: Name,
  collection: CollectionId,
  purpose: z.enum(['required', 'available']).default('required'),
  /** From the time at which the deployment is made. */
  deadlineHours: z.int().min(0).max(8760).default(168),
});

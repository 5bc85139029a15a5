import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteRest } from './rest.js';
import { readRows } from './rows.js';

const UPDATES_PER_REQUEST = 20;

const Row = z.object({
  CI_ID: z.number(),
  CI_UniqueID: z.string(),
  DateRevised: z.string().nullish(),
  IsMetadataOnlyUpdate: z.boolean(),
  IsDeployable: z.boolean(),
  IsContentProvisioned: z.boolean(),
  NumMissing: z.int().nonnegative().nullish(),
});
export type UpdateRow = z.infer<typeof Row>;

/** `SMS_SoftwareUpdate`, by PackageID in lower case; what the site does not show is left out. */
export async function readUpdates(
  rest: SiteRest,
  packageIds: readonly string[],
): Promise<ReadonlyMap<string, UpdateRow>> {
  const rows = new Map<string, UpdateRow>();
  for (let at = 0; at < packageIds.length; at += UPDATES_PER_REQUEST) {
    const filter = packageIds
      .slice(at, at + UPDATES_PER_REQUEST)
      .map((packageId) => `CI_UniqueID eq '${checkedId(packageId)}'`)
      .join(' or ');
    for (const row of await readRows(rest, 'SMS_SoftwareUpdate', Row, filter)) {
      rows.set(row.CI_UniqueID.toLowerCase(), row);
    }
  }
  return rows;
}

/** `CI_ID`, by which cmdlets name an update. */
export async function readCiId(rest: SiteRest, packageId: string): Promise<number> {
  const row = (await readUpdates(rest, [packageId])).get(packageId.toLowerCase());
  if (row !== undefined) return row.CI_ID;
  throw new PermanentError('target.refused', 'the site does not show the update', {
    where: packageId,
    nextStep: 'let the site synchronise its software updates first',
  });
}

/** Ids are put into a filter expression, so nothing but a GUID may be one. */
function checkedId(packageId: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(packageId)) return packageId.toLowerCase();
  throw new PermanentError('payload.invalid', 'a PackageID is no GUID', { found: packageId });
}

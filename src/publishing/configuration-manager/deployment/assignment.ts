import { z } from 'zod';
import type { SiteRest } from '../rest.js';
import { quoted, readRows } from '../rows.js';

const Assignment = z.object({ AssignmentID: z.int(), Enabled: z.boolean() });

/** `SMS_UpdateGroupAssignment`: the deployments of a group to a collection; null: there is none. */
export async function findAssignment(
  rest: SiteRest,
  groupId: number,
  collection: string,
): Promise<{ readonly isEnabled: boolean } | null> {
  const filter = `AssignedUpdateGroup eq ${groupId} and TargetCollectionID eq '${quoted(collection)}'`;
  const rows = await readRows(rest, 'SMS_UpdateGroupAssignment', Assignment, filter);
  return rows.length === 0 ? null : { isEnabled: rows.some(({ Enabled }) => Enabled) };
}

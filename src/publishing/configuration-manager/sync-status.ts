import { z } from 'zod';
import type { SiteRest } from './rest.js';
import { readRows } from './rows.js';

/** `LastSyncState`: WSUS Synchronization failed (the class's page; 6702 is done, the others are still under way). */
const FAILED = 6703;

const Row = z.object({
  WSUSServerName: z.string(),
  LastSyncState: z.number().nullish(),
  LastSyncErrorCode: z.number().nullish(),
});

/** `SMS_SUPSyncStatus`: one row for each software update point; those below the first get theirs from it. */
export async function readSyncFault(rest: SiteRest): Promise<string | null> {
  const rows = await readRows(rest, 'SMS_SUPSyncStatus', Row, null);
  const failed = rows.find((row) => row.LastSyncState === FAILED);
  if (failed === undefined) return null;
  return `${FAILED} on ${failed.WSUSServerName}, error ${failed.LastSyncErrorCode ?? 'unknown'}`;
}

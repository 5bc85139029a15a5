import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteRest } from './rest.js';

/** `LastSyncState`: WSUS Synchronization failed (the class's page; 6702 is done, the others are still under way). */
const FAILED = 6703;

const Rows = z.object({
  value: z.array(
    z.object({
      WSUSServerName: z.string(),
      LastSyncState: z.number().nullish(),
      LastSyncErrorCode: z.number().nullish(),
    }),
  ),
});

/** `SMS_SUPSyncStatus`: one row for each software update point; those below the first get theirs from it. */
export async function readSyncFault(rest: SiteRest): Promise<string | null> {
  const answer = Rows.safeParse(await rest.get('/AdminService/wmi/SMS_SUPSyncStatus'));
  if (!answer.success) {
    throw new PermanentError('protocol.violation', 'the site answers in another form', {
      where: 'SMS_SUPSyncStatus',
      expected: 'rows with WSUSServerName, LastSyncState, LastSyncErrorCode',
      found: answer.error.message.slice(0, 300),
    });
  }
  const failed = answer.data.value.find((row) => row.LastSyncState === FAILED);
  if (failed === undefined) return null;
  return `${FAILED} on ${failed.WSUSServerName}, error ${failed.LastSyncErrorCode ?? 'unknown'}`;
}

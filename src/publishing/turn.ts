import type { LedgerWriter } from '../core/ports.js';
import type { PublicationRecord } from '../core/records.js';
import { TARGET } from './jobs.js';

/**
 * Every effect on publications begins here. Writing one row of the target makes such transactions wait for each other, so
 * that what is read afterwards is what stands: a publish that a flush did not see does see that the flush has ended, and
 * wakes it again. SQLite has one writer anyway; PostgreSQL (READ COMMITTED) needs the row.
 */
export async function takeTurn(ledger: LedgerWriter, at: string): Promise<void> {
  await ledger.putSetting(`publishing.${TARGET}.changed-at`, at);
}

/** Changes a publication if the revision that the work was about is still the one that stands and goes on. */
export async function changeStanding(
  ledger: LedgerWriter,
  of: { readonly packageId: string; readonly revision: number },
  change: Pick<PublicationRecord, 'state' | 'reason'>,
  at: string,
): Promise<void> {
  await takeTurn(ledger, at);
  const standing = await ledger.publication(TARGET, of.packageId);
  if (standing === null || whyOver(standing, of.revision) !== null) return;
  if (standing.state === change.state && standing.reason === change.reason) return;
  await ledger.putPublication({ ...standing, ...change, changedAt: at });
}

/** Why there is nothing left to follow of this revision, or null. */
export function whyOver(publication: PublicationRecord, revision: number): string | null {
  if (publication.revision !== revision) return `revision ${publication.revision} has taken its place`;
  if (publication.state === 'verified') return 'it is verified already';
  if (publication.state === 'superseded' || publication.state === 'expired')
    return `it is ${publication.state}`;
  return null;
}

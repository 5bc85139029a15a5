import type { LedgerReader, LedgerWriter } from '../core/ports.js';
import { TARGET_OF, TARGETS } from '../core/publication.js';
import type { PublicationRecord } from '../core/records.js';
import { TARGET } from './jobs.js';

/**
 * Every effect on publications, at whichever target, begins here. Writing one row makes such transactions meet: of two at
 * once PostgreSQL lets one pass and runs the other again on what then stands, so that a publish that a flush did not see
 * does see that the flush has ended, and wakes it again. SQLite has one writer anyway.
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
  const standing = await publicationOf(ledger, of.packageId);
  if (standing === null || whyOver(standing, of.revision) !== null) return;
  if (standing.state === change.state && standing.reason === change.reason) return;
  await ledger.putPublication({ ...standing, ...change, changedAt: at });
}

/** Where the update's one route has brought it; null: it was never published. */
export async function publicationOf(
  ledger: LedgerReader,
  packageId: string,
): Promise<PublicationRecord | null> {
  const update = await ledger.update(packageId);
  return update === null ? null : ledger.publication(TARGET_OF[update.route], packageId);
}

/** The newer update that has gone past this one meanwhile, at whichever target, or null. */
export async function findSuperseder(ledger: LedgerReader, packageId: string): Promise<string | null> {
  const update = await ledger.update(packageId);
  if (update === null) return null;
  const { productId, variant } = update;
  for (const other of await ledger.updates({ productId, variant })) {
    if (!other.supersedes.includes(packageId)) continue;
    const publication = await publicationOf(ledger, other.packageId);
    if (publication !== null && publication.state !== 'pending') return other.packageId;
  }
  return null;
}

/** What an update takes the place of ends as superseded, also where its route was the other one. */
export async function supersede(
  ledger: LedgerWriter,
  by: { readonly packageId: string; readonly supersedes: readonly string[] },
  at: string,
): Promise<void> {
  for (const packageId of by.supersedes) {
    for (const target of TARGETS) {
      const standing = await ledger.publication(target, packageId);
      if (standing === null || standing.state === 'superseded' || standing.state === 'expired') continue;
      // Its last revision is on the way: it ends as expired by itself, which is more than superseded.
      if ((await ledger.revision(packageId, standing.revision))?.expired === true) continue;
      const reason = `${by.packageId} supersedes it`;
      await ledger.putPublication({ ...standing, state: 'superseded', reason, changedAt: at });
    }
  }
}

/** Why there is nothing left to follow of this revision, or null. */
export function whyOver(publication: PublicationRecord, revision: number): string | null {
  if (publication.revision !== revision) return `revision ${publication.revision} has taken its place`;
  if (publication.state === 'verified') return 'it is verified already';
  if (publication.state === 'superseded' || publication.state === 'expired')
    return `it is ${publication.state}`;
  return null;
}

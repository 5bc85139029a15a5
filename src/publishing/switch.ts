import type { LedgerWriter } from '../core/ports.js';
import type { CatalogRevisionRecord, PublicationRecord } from '../core/records.js';
import { enqueue, TARGET } from './jobs.js';
import type { Members, RefusedMember } from './members.js';
import { isResignWanted } from './resign.js';
import { findSuperseder, supersede, takeTurn } from './turn.js';

export interface Switch {
  readonly members: Members;
  /** The revision that carries the members; null: there is none yet. */
  readonly catalog: CatalogRevisionRecord | null;
  readonly now: Date;
  /** Another web server serves it: it has to be put there. */
  readonly isMirrored: boolean;
}

/**
 * What a catalog revision means for each publication, in the flush's one transaction: pending ones that it carries are
 * published and will be followed, what they supersede is superseded, what was broken goes back to where it says so, and
 * what became pending while the cabinet was made gets a flush of its own.
 */
export async function switchCatalog(
  ledger: LedgerWriter,
  { members, catalog, now, isMirrored }: Switch,
): Promise<void> {
  await takeTurn(ledger, now.toISOString());
  if (isMirrored && catalog !== null)
    await enqueue(ledger, { kind: 'mirror', target: TARGET }, now, 'when-finished');
  const supersededBy = new Map(
    members.entries.flatMap(({ update }) => update.supersedes.map((id) => [id, update.packageId])),
  );
  const expired = new Set(
    members.entries.filter(({ revision }) => revision.expired).map(({ update }) => update.packageId),
  );
  const refused = new Map(members.refused.map((member) => [member.packageId, member]));
  const carried = new Map(catalog?.members.map((member) => [member.packageId, member.revision]));
  const fresh = new Set<string>();
  let isMorePending = false;
  for (const publication of await ledger.publications(TARGET)) {
    const { packageId, revision, state } = publication;
    const isCarried = carried.get(packageId) === revision;
    if (state === 'pending' && isCarried) {
      const changed = published(publication, catalog?.number ?? null, now);
      if (expired.has(packageId)) await expire(ledger, changed, now);
      else {
        const by = supersededBy.get(packageId) ?? (await findSuperseder(ledger, packageId));
        await settle(ledger, changed, by, now);
      }
      fresh.add(packageId);
    } else if (state === 'pending' && refused.get(packageId)?.revision === revision) {
      await sendBack(ledger, publication, refused.get(packageId), now);
    } else if (state === 'pending') {
      isMorePending = true;
    } else if (state !== 'superseded' && state !== 'expired' && supersededBy.has(packageId)) {
      await settle(ledger, publication, supersededBy.get(packageId) ?? null, now);
    }
  }
  for (const { update } of members.entries) {
    if (fresh.has(update.packageId)) await supersede(ledger, update, now.toISOString());
  }
  // This work is done already in this transaction, so it can be woken again.
  if (isMorePending || (await isResignWanted(ledger))) {
    await enqueue(ledger, { kind: 'flush', target: TARGET }, now, 'when-finished');
  }
}

function published(
  publication: PublicationRecord,
  catalogRevision: number | null,
  now: Date,
): PublicationRecord {
  return { ...publication, state: 'published', catalogRevision, reason: null, changedAt: now.toISOString() };
}

async function settle(
  ledger: LedgerWriter,
  publication: PublicationRecord,
  supersededBy: string | null,
  now: Date,
): Promise<void> {
  const { packageId, revision } = publication;
  if (supersededBy !== null) {
    const reason = `${supersededBy} supersedes it`;
    await ledger.putPublication({
      ...publication,
      state: 'superseded',
      reason,
      changedAt: now.toISOString(),
    });
    return;
  }
  await ledger.putPublication(publication);
  await enqueue(ledger, { kind: 'follow', packageId, revision }, now, 'when-finished');
}

/** The end of an update; it stays in the catalog, so that every site is told (wsus-publishing 2.5). */
async function expire(ledger: LedgerWriter, publication: PublicationRecord, now: Date): Promise<void> {
  const { packageId, revision } = publication;
  await ledger.putPublication({ ...publication, state: 'expired', reason: EXPIRED });
  await enqueue(ledger, { kind: 'withdraw', packageId, revision }, now, 'when-finished');
}

const EXPIRED =
  'a person expired it: no client is offered it once the site has read the catalog; where it is installed it stays';

/** Its own publish work checks the same again and fails with the reason; mended, it wakes the flush. */
async function sendBack(
  ledger: LedgerWriter,
  publication: PublicationRecord,
  refused: RefusedMember | undefined,
  now: Date,
): Promise<void> {
  const { packageId, revision } = publication;
  const reason = refused?.reason ?? null;
  await ledger.putPublication({ ...publication, reason, changedAt: now.toISOString() });
  await enqueue(ledger, { kind: 'publish', packageId, revision }, now, 'when-finished');
}

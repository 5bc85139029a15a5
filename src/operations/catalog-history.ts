import type { CatalogRevisionRecord } from '../core/records.js';

export interface RevisionLine {
  readonly number: number;
  readonly createdAt: string;
  readonly cabSha256: string;
  readonly updates: number;
  readonly added: number;
  readonly revised: number;
  readonly removed: number;
  /** `3 added, 1 revised`. */
  readonly why: string;
}

/** Each revision beside the one before; oldest first, as given. Of the first one that is kept the one before is not known. */
export function describeRevisions(revisions: readonly CatalogRevisionRecord[]): readonly RevisionLine[] {
  return revisions.map((one, index) => {
    const isBeforeForgotten = index === 0 && one.number > 1;
    const counts = countChanges(
      isBeforeForgotten ? one.members : (revisions[index - 1]?.members ?? []),
      one.members,
    );
    return {
      number: one.number,
      createdAt: one.createdAt,
      cabSha256: one.cabSha256,
      updates: one.members.length,
      ...counts,
      why: isBeforeForgotten ? 'earlier ones are not kept' : describeCounts(counts),
    };
  });
}

/** By number, or the one that stood at a time (ISO 8601; a day is meant to its end, in UTC); null: none. */
export function selectRevision(
  revisions: readonly CatalogRevisionRecord[],
  at: string,
): CatalogRevisionRecord | null {
  if (/^\d{1,9}$/.test(at)) return revisions.find(({ number }) => number === Number(at)) ?? null;
  const until = Date.parse(/^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T23:59:59.999Z` : at);
  if (Number.isNaN(until)) return null;
  return revisions.findLast(({ createdAt }) => Date.parse(createdAt) <= until) ?? null;
}

type Members = CatalogRevisionRecord['members'];

function countChanges(before: Members, after: Members) {
  const old = new Map(before.map(({ packageId, revision }) => [packageId, revision]));
  const now = new Set(after.map(({ packageId }) => packageId));
  return {
    added: after.filter(({ packageId }) => !old.has(packageId)).length,
    revised: after.filter(({ packageId, revision }) => (old.get(packageId) ?? revision) !== revision).length,
    removed: before.filter(({ packageId }) => !now.has(packageId)).length,
  };
}

function describeCounts(counts: Readonly<Record<'added' | 'revised' | 'removed', number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([what, count]) => `${count} ${what}`).join(', ') || 'signed again';
}

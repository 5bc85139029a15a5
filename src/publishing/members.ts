import { createHash } from 'node:crypto';
import { describeFault, PermanentError } from '../core/errors.js';
import type { CatalogRevisionRecord, PublicationRecord } from '../core/records.js';
import { type CatalogEntry, type EntryDeps, loadCheckedEntry, loadEntry } from './configmgr-catalog/entry.js';
import { TARGET } from './jobs.js';

export interface RefusedMember {
  readonly packageId: string;
  readonly revision: number;
  readonly reason: string;
}

export interface Members {
  /** What the catalog carries next, by PackageID. */
  readonly entries: readonly CatalogEntry[];
  /** Pending updates whose own data is broken; the catalog keeps what it has of them. */
  readonly refused: readonly RefusedMember[];
}

/**
 * Every update that was ever published stays, expired ones too: a site that has it must be told what became of it
 * (configmgr-catalog 7.4). What is broken of a pending one is its own; what is broken of one that stands is thrown, for
 * nothing may vanish from a catalog unasked.
 */
export async function readMembers(deps: EntryDeps, latest: CatalogRevisionRecord | null): Promise<Members> {
  const standing = new Map(latest?.members.map((member) => [member.packageId, member]));
  const entries: CatalogEntry[] = [];
  const refused: RefusedMember[] = [];
  for (const publication of await deps.ledger.publications(TARGET)) {
    const loaded = await loadPending(deps, publication);
    if ('update' in loaded) {
      entries.push(loaded);
      continue;
    }
    refused.push(loaded);
    const before = standing.get(publication.packageId);
    if (before !== undefined) entries.push(await loadCheckedEntry(deps, before));
  }
  return { entries, refused };
}

async function loadPending(
  deps: EntryDeps,
  publication: PublicationRecord,
): Promise<CatalogEntry | RefusedMember> {
  if (publication.state !== 'pending') return loadCheckedEntry(deps, publication);
  try {
    return await loadEntry(deps, publication);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const { packageId, revision } = publication;
    return { packageId, revision, reason: describeFault(error) };
  }
}

export function memberList(entries: readonly CatalogEntry[]): CatalogRevisionRecord['members'] {
  return entries.map(({ revision }) => ({ packageId: revision.packageId, revision: revision.revision }));
}

/** Equal members need no new revision of the catalog. */
export function digestOf(members: CatalogRevisionRecord['members']): string {
  const lines = members.map(({ packageId, revision }) => `${packageId}/${revision}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

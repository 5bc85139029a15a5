import type { LedgerReader } from '../../core/ports.js';

/** By PackageID: the revision that is published, in the catalog or directly. */
export async function publishedRevisions(ledger: LedgerReader): Promise<ReadonlyMap<string, number>> {
  const catalog = await ledger.latestCatalogRevision('configmgr-catalog');
  const direct = (await ledger.publications('software-update-point')).filter(
    ({ state }) => state !== 'pending',
  );
  return new Map(
    [...(catalog?.members ?? []), ...direct].map(({ packageId, revision }) => [packageId, revision]),
  );
}

import { PermanentError } from '../../../core/errors.js';
import type { CatalogRevisionRecord } from '../../../core/records.js';
import { describeRevisions, selectRevision } from '../../../operations/catalog-history.js';
import { table } from '../../table.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { withStores } from './stores.js';

/** `patchpress catalog history`: every revision that there was, oldest first. */
export async function catalogHistory({ at, ...output }: OutputOptions & { at?: string }): Promise<number> {
  const all = await withStores(({ ledger }) => ledger.catalogRevisions('configmgr-catalog'));
  const revisions = describeRevisions(all);
  const shown =
    at === undefined ? revisions : revisions.filter(({ number }) => number === chosen(all, at).number);
  show(output, { revisions: shown }, () => {
    if (shown.length === 0) return 'No revision of the catalog was published yet.';
    const rows = shown.map((one) => [
      `${one.number}`,
      one.createdAt,
      `${one.updates}`,
      one.why,
      one.cabSha256,
    ]);
    return table(['revision', 'at', 'updates', 'why', 'SHA-256 of the cabinet'], rows);
  });
  return EXIT.ok;
}

/** PermanentError `not-found` where the ledger has no such revision. */
export function chosen(all: readonly CatalogRevisionRecord[], at: string): CatalogRevisionRecord {
  const found = selectRevision(all, at);
  if (found !== null) return found;
  throw new PermanentError('not-found', 'there is no such revision of the catalog', {
    where: at,
    expected: 'a file, the number of a revision, or a date at which one stood',
    nextStep: 'list them: catalog history',
  });
}

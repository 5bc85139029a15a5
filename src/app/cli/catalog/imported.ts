import { printable } from '../../../core/errors.js';
import type { PackageEdits } from '../../../core/imported.js';
import { table } from '../../table.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { withStores } from './stores.js';

/** `patchpress catalog imported`: every package that was taken in, and the edits of it. */
export async function listImported({ name, ...output }: OutputOptions & { name?: string }): Promise<number> {
  const { packages, catalogs } = await withStores(async ({ ledger }) => {
    const edits = new Map((await ledger.packageEdits()).map((one) => [one.packageId, one]));
    const all = await ledger.importedPackages(name);
    return {
      catalogs: (await ledger.importedCatalogs()).filter(
        ({ source }) => name === undefined || source === name,
      ),
      packages: all.map((one) => ({ ...one, edits: shownEdits(edits.get(one.packageId)) })),
    };
  });
  show(output, { catalogs, packages }, () => {
    if (packages.length === 0) return 'Nothing was taken in: patchpress catalog import <file> does.';
    const rows = packages.map((one) => [
      one.source,
      one.packageId,
      one.creationDate,
      one.isExpired ? 'expired' : one.state,
      printable(one.title, 60),
      Object.keys(one.edits).join(' '),
    ]);
    return table(['catalog', 'PackageID', 'created', 'state', 'title', 'edited'], rows);
  });
  return EXIT.ok;
}

export function shownEdits(edits: PackageEdits | undefined): Readonly<Record<string, unknown>> {
  if (edits === undefined) return {};
  const { packageId: _, editedAt: __, ...shown } = edits;
  return shown;
}

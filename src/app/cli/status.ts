import { printable } from '../../core/errors.js';
import type { Overview, OverviewRow } from '../../operations/overview.js';
import { table } from '../table.js';
import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress status`: how far each variant of each product has come, and why it stands there. */
export async function status(options: OutputOptions): Promise<number> {
  const context = await openContext();
  try {
    const overview = await context.operations.overview();
    show(options, overview, () => statusText(overview));
    return overview.rows.some(({ state }) => state === 'held' || state === 'failed')
      ? EXIT.negative
      : EXIT.ok;
  } finally {
    await context.close();
  }
}

function statusText({ rows, definitionFaults, unfinished, catalog }: Overview): string {
  const lines =
    rows.length === 0
      ? ['No product is defined: catalogs/README.md says how to write a definition.']
      : [
          table(
            ['product', 'version', 'variant', 'PackageID', 'rev', 'route', 'state', 'reason'],
            rows.map(rowCells),
          ),
        ];
  for (const { path, message } of definitionFaults) lines.push(`set aside  ${path}: ${message}`);
  lines.push(
    '',
    catalog === null ? 'No catalog was published yet.' : `Catalog revision ${catalog.revision}.`,
    `${unfinished} pieces of work are under way.`,
  );
  return lines.join('\n');
}

function rowCells(row: OverviewRow): readonly string[] {
  const state = row.state === row.reached ? row.state : `${row.state} after ${row.reached}`;
  return [
    row.productId,
    row.version ?? '-',
    row.variant.split('/').slice(0, 2).join(' '),
    row.packageId ?? '-',
    row.revision === null ? '-' : String(row.revision),
    row.route ?? '-',
    state,
    printable(row.reason ?? '', 100),
  ];
}

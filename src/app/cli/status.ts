import { matchesGlob } from '../../core/decide.js';
import { printable } from '../../core/errors.js';
import type { Overview, OverviewRow } from '../../operations/overview.js';
import { table } from '../table.js';
import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';

export interface StatusOptions extends OutputOptions {
  /** Id of a product; `*` stands for any text. */
  readonly product?: string;
  readonly state?: string;
  /** Every row, however many. */
  readonly all?: boolean;
}

/** So many rows are shown whole; of more a summary. */
const FEW_ROWS = 40;
const MOST_TROUBLED = 20;
const MOST_RECENT = 10;

/** `patchpress status`: how far each variant of each product has come, and why it stands there. */
export async function status(options: StatusOptions): Promise<number> {
  const context = await openContext();
  try {
    const overview = await context.operations.overview();
    const selected = { ...overview, rows: overview.rows.filter(isWanted(options)) };
    show(options, selected, () => statusText(selected, overview.rows.length, options));
    return selected.rows.some(needsPerson) ? EXIT.negative : EXIT.ok;
  } finally {
    await context.close();
  }
}

function isWanted({ product, state }: StatusOptions): (row: OverviewRow) => boolean {
  return (row) =>
    (product === undefined || matchesGlob(product, row.productId)) &&
    (state === undefined || row.state === state);
}

function needsPerson({ state }: OverviewRow): boolean {
  return state === 'held' || state === 'failed';
}

export function statusText(overview: Overview, defined: number, options: StatusOptions): string {
  const { rows, definitionFaults, unfinished, catalog, vocabulary } = overview;
  const isShort = rows.length <= FEW_ROWS || options.all === true;
  const lines = [
    ...(rows.length === 0 ? [emptyText(defined)] : isShort ? [rowsTable(rows)] : summaryOf(rows)),
    ...faultLines(definitionFaults, isShort),
    '',
    catalog === null ? 'No catalog was published yet.' : `Catalog revision ${catalog.revision}.`,
    ...vocabularyLines(vocabulary),
    `${unfinished} pieces of work are under way.`,
  ];
  return lines.join('\n');
}

/** Silent while the catalogs bring few names. */
function vocabularyLines({ all, level, limits, catalogs }: Overview['vocabulary']): readonly string[] {
  if (level === 'few') return [];
  const where = catalogs.map(
    ({ name, vendors, products }) => `${printable(name, 60)} ${vendors}/${products}`,
  );
  return [
    `Names in WSUS are ${level === 'over' ? 'too many' : 'nearly too many'}, which breaks scans: ${all.vendors} of ${limits.vendors} vendors, ${all.products} of ${limits.products} products (${where.join(', ')}). Publish imported updates under fewer names.`,
  ];
}

function emptyText(defined: number): string {
  return defined === 0
    ? 'No product is defined: catalogs/README.md says how to write a definition.'
    : `None of the ${defined} is so.`;
}

/** The counts, what needs a person, and what happened last. */
function summaryOf(rows: readonly OverviewRow[]): readonly string[] {
  const troubled = rows.filter(needsPerson);
  const recent = rows
    .filter(({ changedAt }) => changedAt !== null)
    .sort((a, b) => ((a.changedAt ?? '') < (b.changedAt ?? '') ? 1 : -1))
    .slice(0, MOST_RECENT);
  return [
    table(['state', 'count'], countStates(rows)),
    '',
    ...(troubled.length === 0
      ? ['Nothing needs a person.']
      : [
          `${troubled.length} need a person${troubled.length > MOST_TROUBLED ? `, the first ${MOST_TROUBLED}` : ''}:`,
          rowsTable(troubled.slice(0, MOST_TROUBLED)),
        ]),
    ...(recent.length === 0 ? [] : ['', 'Changed last:', rowsTable(recent)]),
    '',
    `${rows.length} in all: --all lists them, --product and --state choose.`,
  ];
}

function countStates(rows: readonly OverviewRow[]): readonly (readonly string[])[] {
  const counts = new Map<string, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([state, count]) => [state, String(count)]);
}

function faultLines(faults: Overview['definitionFaults'], isWhole: boolean): readonly string[] {
  const shown = isWhole ? faults : faults.slice(0, MOST_TROUBLED);
  const rest = faults.length - shown.length;
  return [
    ...shown.map(({ path, message }) => `set aside  ${path}: ${message}`),
    ...(rest === 0 ? [] : [`set aside  ${rest} more: patchpress product check`]),
  ];
}

function rowsTable(rows: readonly OverviewRow[]): string {
  return table(
    ['product', 'version', 'variant', 'PackageID', 'rev', 'route', 'state', 'reason'],
    rows.map(rowCells),
  );
}

function rowCells(row: OverviewRow): readonly string[] {
  const reached = row.state === row.reached ? row.state : `${row.state} after ${row.reached}`;
  const state = row.content === 'metadata' ? `${reached}, metadata only` : reached;
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

import { printable } from '../../core/errors.js';
import type { PlannedProduct, SyncPlan } from '../../operations/sync-plan.js';
import { table } from '../table.js';

/** More than a person reads at once; `--json` has them all. */
const MOST_ROWS = 50;

/** A sync that is only planned: what would be asked, what is new where it was asked, and what would follow. */
export function planText({ at, products }: SyncPlan): string {
  const wasAsked = products.some(({ found }) => found !== null);
  const shown = sorted(products).slice(0, MOST_ROWS);
  const lines = [
    wasAsked ? askedTable(shown) : plannedTable(shown),
    ...(shown.length < products.length
      ? [`... and ${products.length - shown.length} more; --json lists all`]
      : []),
    '',
    summary(products, at),
    ...(wasAsked
      ? [foundSummary(products)]
      : ['The feeds were not asked: --ask does, and tells what is new.']),
    'Nothing was changed.',
  ];
  return lines.join('\n');
}

function plannedTable(products: readonly PlannedProduct[]): string {
  return table(
    ['product', 'feed', 'known', 'validators', 'why', 'a new version is'],
    products.map((one) => [
      one.productId,
      one.feedType ?? '-',
      one.knownVersion ?? '-',
      one.validators.join(' ') || '-',
      one.why,
      one.onNewVersion,
    ]),
  );
}

function askedTable(products: readonly PlannedProduct[]): string {
  return table(
    ['product', 'known', 'shown now', '', 'reason'],
    products.map(({ productId, knownVersion, found }) => [
      productId,
      knownVersion ?? '-',
      found?.version ?? '-',
      found?.isNew === true ? 'new' : found?.outcome === 'failed' ? 'failed' : '',
      printable(found?.reason ?? '', 100),
    ]),
  );
}

/** What is new or went wrong first, then what is due first. */
function sorted(products: readonly PlannedProduct[]): readonly PlannedProduct[] {
  const rank = ({ found }: PlannedProduct): number =>
    found?.isNew === true ? 0 : found?.outcome === 'failed' || found?.outcome === 'held' ? 1 : 2;
  return [...products].sort(
    (a, b) => rank(a) - rank(b) || ((a.nextDueAt ?? '') < (b.nextDueAt ?? '') ? -1 : 1),
  );
}

function summary(products: readonly PlannedProduct[], at: string): string {
  const due = products.filter(({ nextDueAt }) => nextDueAt !== null && nextDueAt <= at).length;
  const conditional = products.filter(({ validators }) => validators.length > 0).length;
  return `${products.length} products would be asked, ${due} of them are due by the schedule; ${conditional} conditionally.`;
}

function foundSummary(products: readonly PlannedProduct[]): string {
  const isNew = products.filter(({ found }) => found?.isNew === true).length;
  const failed = products.filter(({ found }) => found?.outcome === 'failed').length;
  return `${isNew} show a version that is new, ${failed} could not be read.`;
}

import type { OverviewRow } from '../../operations/overview.js';
import { type Html, html, NOTHING } from '../html.js';
import type { Status } from '../status-source.js';
import { COLUMNS, rowGroup } from './row.js';
import { countGroups, GROUPS, selectRows, type View } from './select.js';

interface TableFacts {
  readonly status: Status;
  readonly view: View;
  readonly now: Date;
}

/** More than a person reads at once; the search narrows it. */
const MOST_ROWS = 300;

const GROUP_NAMES = {
  attention: 'Need a person',
  working: 'On the way',
  verified: 'Verified',
  quiet: 'Nothing to do',
} as const;

/** The counts, each the way to its rows. */
export function summarySection({ status, view }: TableFacts): Html {
  const counts = countGroups(status.rows);
  return html`<section data-live="summary"><nav class="tiles" aria-label="Updates by state">
${tile(view, 'all', 'Updates', status.rows.length)}
${GROUPS.map((group) => tile(view, group, GROUP_NAMES[group], counts[group]))}
</nav></section>`;
}

function tile(view: View, group: View['show'], name: string, count: number): Html {
  const query = new URLSearchParams({ ...(view.text === '' ? {} : { q: view.text }), show: group });
  const current = group === view.show ? html` aria-current="true"` : NOTHING;
  const empty = count === 0 ? ' none' : '';
  return html`<a class="tile tile-${group}${empty}" href="/?${query.toString()}"${current}><b>${count}</b> ${name}</a>`;
}

export function rowsSection({ status, view, now }: TableFacts): Html {
  const wanted = selectRows(status.rows, view);
  if (wanted.length === 0) {
    return html`<section data-live="rows">${emptyState(status.rows.length, view)}</section>`;
  }
  const shown = wanted.slice(0, MOST_ROWS);
  const heads = COLUMNS.map((name) => html`<th scope="col">${name}</th>`);
  return html`<section data-live="rows"><table>
<caption>${describeCount(status.rows, wanted, shown)}</caption>
<thead><tr>${heads}</tr></thead>
${shown.map((row) => rowGroup(row, now))}
</table></section>`;
}

function describeCount(
  all: readonly OverviewRow[],
  wanted: readonly OverviewRow[],
  shown: readonly OverviewRow[],
): string {
  const count = wanted.length === all.length ? `${all.length}` : `${wanted.length} of ${all.length}`;
  const cut =
    shown.length < wanted.length ? `; the first ${shown.length} are shown, search to narrow them` : '';
  return `${count} updates${cut}`;
}

function emptyState(all: number, view: View): Html {
  if (all > 0) {
    const what = view.text === '' ? 'is in this group' : `matches “${view.text}”`;
    return html`<div class="empty"><p>Nothing ${what}.</p><p><a href="/">Show all ${all}</a></p></div>`;
  }
  return html`<div class="empty"><h2>No products yet</h2>
<p>Patchpress publishes what its definitions name. Put a definition into <code>catalogs/products/&lt;vendor&gt;/</code>
or into a folder of your own (<code>productDirs</code> in <code>patchpress.yaml</code>), check it, and sync.</p>
<pre>npm run patchpress -- product check
npm run patchpress -- sync</pre></div>`;
}

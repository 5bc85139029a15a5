import { type Html, html, NOTHING } from '../html.js';
import type { Status } from '../status-source.js';
import { COLUMNS, rowGroup } from './row.js';
import { addressOf, countGroups, GROUPS, type Page, pageOf, selectRows, type View } from './select.js';

interface TableFacts {
  readonly status: Status;
  readonly view: View;
  readonly now: Date;
}

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
  const current = group === view.show ? html` aria-current="true"` : NOTHING;
  const empty = count === 0 ? ' none' : '';
  return html`<a class="tile tile-${group}${empty}" href="${addressOf({ text: view.text, show: group, page: 1 })}"${current}><b>${count}</b> ${name}</a>`;
}

export function rowsSection({ status, view, now }: TableFacts): Html {
  const wanted = selectRows(status.rows, view);
  if (wanted.length === 0) {
    return html`<section data-live="rows">${emptyState(status.rows.length, view)}</section>`;
  }
  const page = pageOf(wanted, view.page);
  const heads = COLUMNS.map((name) => html`<th scope="col">${name}</th>`);
  return html`<section data-live="rows"><table>
<caption>${describeCount(status.rows.length, wanted.length, page)}</caption>
<thead><tr>${heads}</tr></thead>
${page.rows.map((row) => rowGroup(row, now))}
</table></section>`;
}

function describeCount(all: number, wanted: number, { rows, pages, first }: Page): string {
  const count = wanted === all ? `${all}` : `${wanted} of ${all}`;
  const cut = pages === 1 ? '' : `; ${first} to ${first + rows.length - 1} are shown`;
  return `${count} updates${cut}`;
}

/** The way to the other pages of what was found. */
export function pagerSection({ status, view }: TableFacts): Html {
  const { number, pages } = pageOf(selectRows(status.rows, view), view.page);
  const link = (page: number, text: string, rel: string): Html =>
    page < 1 || page > pages
      ? html`<span class="muted">${text}</span>`
      : html`<a class="button" rel="${rel}" href="${addressOf({ ...view, page })}">${text}</a>`;
  const links = html`<nav class="pager" aria-label="Pages">${link(number - 1, 'Previous', 'prev')}
<span>Page ${number} of ${pages}</span>
${link(number + 1, 'Next', 'next')}</nav>`;
  return html`<section data-live="pager">${pages === 1 ? NOTHING : links}</section>`;
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

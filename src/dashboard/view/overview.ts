import { STAGES } from '../../core/stage.js';
import type { OverviewRow } from '../../operations/overview.js';
import { type Html, html, NOTHING } from '../html.js';
import type { Status } from '../status-source.js';
import { brand, csrfField, layout } from './layout.js';
import { rowGroup } from './row.js';
import { countGroups, GROUPS, selectRows, type View } from './select.js';
import { timeElement } from './time.js';

export interface OverviewFacts {
  readonly status: Status;
  readonly view: View;
  readonly now: Date;
  readonly csrf: string;
}

/** More than a person reads at once; the search narrows it. */
const MOST_ROWS = 300;

export function overviewPage(facts: OverviewFacts): Html {
  const { csrf, view } = facts;
  const body = html`<header class="bar">
${brand()}
<span id="connection" role="status"></span>
<form method="post" action="/sync">${csrfField(csrf)}<button class="primary" type="submit">Sync now</button></form>
<form method="post" action="/logout">${csrfField(csrf)}<button type="submit">Sign out</button></form>
</header>
<main>
${notice(facts)}
${summary(facts)}
${line(facts)}
${definitionFaults(facts)}
<form id="search" class="search" method="get" action="/" role="search">
<input type="search" name="q" value="${view.text}" placeholder="Product, version, PackageID, state, reason" aria-label="Search the updates" autocomplete="off">
<input type="hidden" name="show" value="${view.show}">
<button type="submit">Search</button>
<span class="muted keys">Press <kbd>/</kbd> to search</span>
</form>
${rows(facts)}
</main>`;
  return layout('Updates', body, html`<script src="/assets/dashboard.js" defer></script>`);
}

/** The parts of the page that change by themselves; the script puts each in its place. */
export function overviewParts(facts: OverviewFacts): Html {
  return html`${notice(facts)}${summary(facts)}${line(facts)}${definitionFaults(facts)}${rows(facts)}`;
}

/** What became of the thing that was asked for last. */
function notice({ status, view }: OverviewFacts): Html {
  const text = view.asked === 'sync' ? syncNotice(status) : republishNotice(status, view);
  return html`<section data-live="notice" aria-live="polite">${text === null ? NOTHING : html`<p class="notice">${text} <a href="/">Close</a></p>`}</section>`;
}

function syncNotice({ unfinished }: Status): Html {
  return unfinished === 0
    ? html`Sync asked for. The line has come to rest: nothing is left to do.`
    : html`Sync asked for. The line is at work: <b>${unfinished}</b> left to do.`;
}

function republishNotice({ rows: all }: Status, { asked, from }: View): Html | null {
  const row = all.find((one) => one.packageId !== null && one.packageId === asked);
  if (row === undefined) return null;
  const what = html`Republish of <b>${row.productName} ${row.version}</b>:`;
  if (row.revision !== null && row.revision > from) {
    return html`${what} revision <b>${row.revision}</b> has arrived and is ${row.state}.`;
  }
  return html`${what} it is on its way; revision ${from} stands until the new one arrives.`;
}

const GROUP_NAMES = {
  attention: 'Need a person',
  working: 'On the way',
  verified: 'Verified',
  quiet: 'Quiet',
};

function summary({ status, view }: OverviewFacts): Html {
  const counts = countGroups(status.rows);
  const tile = (group: View['show'], name: string, count: number): Html => {
    const query = new URLSearchParams({ ...(view.text === '' ? {} : { q: view.text }), show: group });
    const current = group === view.show ? html` aria-current="true"` : NOTHING;
    return html`<a class="tile tile-${group}" href="/?${query.toString()}"${current}><b>${count}</b> ${name}</a>`;
  };
  return html`<section data-live="summary"><nav class="tiles" aria-label="Updates by state">
${tile('all', 'Updates', status.rows.length)}
${GROUPS.map((group) => tile(group, GROUP_NAMES[group], counts[group]))}
</nav></section>`;
}

/** The six queues, the catalog, and when the next sync is. */
function line({ status, now }: OverviewFacts): Html {
  return html`<section data-live="line" class="line">
<ol class="queues" aria-label="Queues">${
    status.queues === null
      ? html`<li class="bad">The queue does not answer; nothing is lost, it is filled again from the ledger.</li>`
      : STAGES.map((stage) => {
          const counts = status.queues?.[stage] ?? { waiting: 0, active: 0, delayed: 0 };
          return html`<li class="${counts.active > 0 ? 'active' : 'idle'}" title="${counts.waiting} waiting, ${counts.active} running, ${counts.delayed} for later"><span>${stage}</span> <b>${counts.active}</b><span class="sub-inline">+${counts.waiting}${counts.delayed === 0 ? NOTHING : html` · ${counts.delayed} later`}</span></li>`;
        })
  }</ol>
<dl class="facts">
<div><dt>Catalog</dt><dd>${
    status.catalog === null
      ? 'none yet'
      : html`revision <b>${status.catalog.revision}</b>, ${timeElement(status.catalog.createdAt, now)} <code title="SHA-256 ${status.catalog.cabSha256}">${status.catalog.cabSha256.slice(0, 12)}</code>`
  }</dd></div>
<div><dt>Next sync</dt><dd>${nextSync(status, now)}</dd></div>
<div><dt>Left to do</dt><dd><b>${status.unfinished}</b></dd></div>
</dl></section>`;
}

function nextSync({ schedule }: Status, now: Date): Html {
  if (schedule.length === 0) return html`not scheduled`;
  return html`${schedule.map(
    ({ catalog, at }) => html`${catalog} ${at === null ? 'not scheduled' : timeElement(at, now)} `,
  )}`;
}

function definitionFaults({ status: { definitionFaults: faults } }: OverviewFacts): Html {
  if (faults.length === 0) return html`<section data-live="faults"></section>`;
  const title = faults.length === 1 ? 'definition was' : 'definitions were';
  return html`<section data-live="faults"><details class="faults" open><summary><b>${faults.length}</b> ${title} set aside; the others go on</summary><ul>${faults.map(
    ({ path, message }) => html`<li><code>${path}</code> ${message}</li>`,
  )}</ul></details></section>`;
}

function rows({ status, view, now }: OverviewFacts): Html {
  const wanted = selectRows(status.rows, view);
  if (wanted.length === 0) return html`<section data-live="rows">${emptyState(status.rows, view)}</section>`;
  const shown = wanted.slice(0, MOST_ROWS);
  return html`<section data-live="rows"><table>
<caption>${wanted.length === status.rows.length ? `${wanted.length} updates` : `${wanted.length} of ${status.rows.length} updates`}${
    shown.length < wanted.length
      ? html`; the first ${shown.length} are shown, search to narrow them`
      : NOTHING
  }</caption>
<thead><tr><th scope="col">Product</th><th scope="col">Version</th><th scope="col">State</th><th scope="col">PackageID</th><th scope="col">What clients saw</th><th scope="col">Changed</th><th scope="col"><span class="hidden">Action</span></th></tr></thead>
${shown.map((row) => rowGroup(row, now))}
</table></section>`;
}

function emptyState(all: readonly OverviewRow[], view: View): Html {
  if (all.length > 0) {
    return html`<div class="empty"><p>Nothing ${view.text === '' ? 'is in this group' : html`matches “${view.text}”`}.</p><p><a href="/">Show all ${all.length}</a></p></div>`;
  }
  return html`<div class="empty"><h2>No products yet</h2>
<p>Patchpress publishes what its definitions name. Put a definition into <code>catalogs/products/&lt;vendor&gt;/</code>
or into a folder of your own (<code>productDirs</code> in <code>patchpress.yaml</code>), check it, and sync.</p>
<pre>npm run patchpress -- product check
npm run patchpress -- sync</pre></div>`;
}

import { type Html, html, NOTHING } from '../html.js';
import type { Status } from '../status-source.js';
import { brand, csrfField, layout } from './layout.js';
import { lineSection } from './line.js';
import type { View } from './select.js';
import { pagerSection, rowsSection, summarySection } from './table.js';

export interface OverviewFacts {
  readonly status: Status;
  readonly view: View;
  readonly now: Date;
  readonly csrf: string;
}

export function overviewPage(facts: OverviewFacts): Html {
  const body = html`${topBar(facts.csrf)}
<main>
${noticeSection(facts)}
${summarySection(facts)}
${lineSection(facts)}
${faultsSection(facts)}
${searchForm(facts.view)}
${rowsSection(facts)}
${pagerSection(facts)}
</main>`;
  return layout('Updates', body, html`<script src="/assets/dashboard.js" defer></script>`);
}

/** The parts of the page that change by themselves; the script puts each in its place. */
export function overviewParts(facts: OverviewFacts): Html {
  return html`${noticeSection(facts)}
${summarySection(facts)}
${lineSection(facts)}
${faultsSection(facts)}
${rowsSection(facts)}
${pagerSection(facts)}`;
}

function topBar(csrf: string): Html {
  return html`<header class="bar">
${brand()}
<span id="connection" role="status"></span>
<form method="post" action="/sync">${csrfField(csrf)}<button class="primary" type="submit">Sync now</button></form>
<form method="post" action="/logout">${csrfField(csrf)}<button type="submit">Sign out</button></form>
</header>`;
}

function searchForm({ text, show }: View): Html {
  return html`<form id="search" class="search" method="get" action="/" role="search">
<input type="search" name="q" value="${text}" placeholder="Product, version, PackageID, state, reason" aria-label="Search the updates" autocomplete="off">
<input type="hidden" name="show" value="${show}">
<button class="search-button" type="submit">Search</button>
<span class="muted keys">Press <kbd>/</kbd> to search</span>
</form>`;
}

/** What became of the thing that was asked for last. */
function noticeSection({ status, view }: OverviewFacts): Html {
  const text = view.asked === 'sync' ? syncNotice(status) : republishNotice(status, view);
  const notice = text === null ? NOTHING : html`<p class="notice">${text} <a href="/">Close</a></p>`;
  return html`<section data-live="notice" aria-live="polite">${notice}</section>`;
}

function syncNotice({ unfinished }: Status): Html {
  return unfinished === 0
    ? html`Sync asked for. The line has come to rest: nothing is left to do.`
    : html`Sync asked for. The line is at work: <b>${unfinished}</b> left to do.`;
}

function republishNotice({ rows }: Status, { asked, from }: View): Html | null {
  const row = rows.find((one) => one.packageId !== null && one.packageId === asked);
  if (row === undefined) return null;
  const what = html`Republish of <b>${row.productName} ${row.version}</b>:`;
  if (row.revision !== null && row.revision > from) {
    return html`${what} revision <b>${row.revision}</b> has arrived and is ${row.state}.`;
  }
  return html`${what} it is on its way; revision ${from} stands until the new one arrives.`;
}

function faultsSection({ status: { definitionFaults } }: OverviewFacts): Html {
  if (definitionFaults.length === 0) return html`<section data-live="faults"></section>`;
  const were = definitionFaults.length === 1 ? 'definition was' : 'definitions were';
  const list = definitionFaults.map(({ path, message }) => html`<li><code>${path}</code> ${message}</li>`);
  return html`<section data-live="faults"><details class="faults" open>
<summary><b>${definitionFaults.length}</b> ${were} set aside; the others go on</summary>
<ul>${list}</ul>
</details></section>`;
}

import type { OverviewRow } from '../../operations/overview.js';
import { type Html, html, NOTHING } from '../html.js';
import { brand, csrfField, layout } from './layout.js';

export interface RepublishFacts {
  readonly row: OverviewRow & { readonly packageId: string };
  readonly csrf: string;
  readonly requestId: string;
}

/** Says what will happen before it does. */
export function republishPage({ row, csrf, requestId }: RepublishFacts): Html {
  const next = row.revision === null ? 'a higher one' : `${row.revision + 1}`;
  const body = html`<main class="card wide">
<h1>${brand()}</h1>
<h2>Republish ${row.productName} ${row.version}</h2>
<dl class="plan">
<div><dt>Variant</dt><dd>${row.variant}</dd></div>
<div><dt>PackageID</dt><dd><code>${row.packageId}</code> <span class="good">stays</span></dd></div>
<div><dt>Revision</dt><dd>${row.revision ?? '–'} → <b>${next}</b></dd></div>
<div><dt>Content</dt><dd>the same bytes; nothing is downloaded again</dd></div>
</dl>
<p>The metadata is built and proven again, signed, published in the next catalog revision, and followed to the clients.
What clients have installed stays installed.</p>
<form method="post" action="/republish/${row.packageId}">
${csrfField(csrf)}<input type="hidden" name="requestId" value="${requestId}">
<label for="reason">Why</label>
<input id="reason" name="reason" required maxlength="500" autofocus placeholder="for the audit log">
<p class="buttons"><button class="primary" type="submit">Republish</button> <a class="button" href="/">Cancel</a></p>
</form>
</main>`;
  return layout(`Republish ${row.productName}`, body, NOTHING);
}

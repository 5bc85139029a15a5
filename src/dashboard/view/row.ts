import { CANARY_ROLES, type CanaryAnswer, EXPECTED_CANARY, LIFECYCLE } from '../../core/publication.js';
import type { OverviewRow } from '../../operations/overview.js';
import { type Html, html, NOTHING } from '../html.js';
import { groupOf } from './select.js';
import { timeElement } from './time.js';

export const COLUMNS = ['Product', 'Version', 'State', 'PackageID', 'What clients saw', 'Changed', 'Action'];

/** One update as a row group: what it is and how far it has come, and below that why it stands. */
export function rowGroup(row: OverviewRow, now: Date): Html {
  const key = `${row.productId}/${row.variant}`;
  return html`<tbody data-key="${key}" data-group="${groupOf(row)}">
<tr>
<th scope="row" data-label="Product">${nameLink(row)}<span class="sub">${row.productId}</span></th>
<td data-label="Version">${row.version ?? '–'}${variantText(row.variant)}</td>
<td data-label="State">${stateCell(row)}</td>
<td data-label="Package" class="package">${packageCell(row)}</td>
<td data-label="Clients">${clientsCell(row)}</td>
<td data-label="Changed">${row.changedAt === null ? '–' : timeElement(row.changedAt, now)}</td>
<td class="action">${actions(row)}</td>
</tr>
${whyRow(row)}
</tbody>`;
}

/** Of `x64/msi/any/machine` what is not the usual; the whole stands in the title. */
function variantText(variant: string): Html {
  const parts = variant.split('/').filter((part) => part !== 'any' && part !== 'machine');
  return html`<span class="sub" title="${variant}">${parts.join(' · ')}</span>`;
}

function stateCell(row: OverviewRow): Html {
  const proof = row.proof === null ? NOTHING : html` <span class="sub-inline">by ${row.proof}</span>`;
  const content = row.content === 'metadata' ? html` <span class="sub-inline">metadata only</span>` : NOTHING;
  return html`<span class="state state-${row.state}">${row.state}</span>${proof}${content}${hops(row)}`;
}

/** The way to the client in nine steps, and how many are behind. */
function hops({ reached }: OverviewRow): Html {
  const step = (LIFECYCLE as readonly string[]).indexOf(reached) + 1;
  if (step === 0) return NOTHING;
  const label = `reached ${reached}, step ${step} of ${LIFECYCLE.length}`;
  const next = LIFECYCLE[step];
  const title = next === undefined ? label : `${label}; next: ${next}`;
  return html`<span class="hops" role="img" aria-label="${label}" title="${title}">${LIFECYCLE.map(
    (_, index) => (index < step ? html`<i class="done"></i>` : html`<i></i>`),
  )}</span>`;
}

function packageCell({ packageId, revision, catalogRevision }: OverviewRow): Html {
  if (packageId === null) return html`<span class="muted">not built yet</span>`;
  const catalog = catalogRevision === null ? NOTHING : html` · catalog ${catalogRevision}`;
  return html`<code>${packageId}</code><span class="sub">revision ${revision ?? '–'}${catalog}</span>`;
}

function clientsCell({ clients }: OverviewRow): Html {
  if (clients === null) return html`<span class="muted">–</span>`;
  return html`<ul class="clients">${CANARY_ROLES.map((role) => {
    const seen = clients[role];
    const right = isRight(seen, EXPECTED_CANARY[role]);
    return html`<li class="${right ? 'right' : 'wrong'}" title="${seen.detail ?? (right ? 'as expected' : 'not as expected')}"><span class="role">${role}</span> ${describeAnswer(seen)}</li>`;
  })}</ul>`;
}

function isRight(seen: CanaryAnswer, expected: CanaryAnswer): boolean {
  return (
    seen.before === expected.before && seen.after === expected.after && seen.installed === expected.installed
  );
}

const ANSWERS = { installed: 'installed', required: 'required', notApplicable: 'not applicable' } as const;

function describeAnswer({ before, after }: CanaryAnswer): string {
  return before === after ? ANSWERS[before] : `${ANSWERS[before]} → ${ANSWERS[after]}`;
}

/** To the story: of the update, or of the product where nothing was built yet. */
function nameLink({ packageId, productId, productName }: OverviewRow): Html {
  const query = new URLSearchParams({ id: productId }).toString();
  const href = packageId === null ? `/product?${query}` : `/update/${packageId}`;
  return html`<a href="${href}">${productName}</a>`;
}

/** What a row is most often looked at for; everything else stands on the page behind its name. */
function actions(row: OverviewRow): Html {
  const { packageId, revision, productId, productName, version, variant, state } = row;
  if (state === 'held') {
    const query = new URLSearchParams({
      verb: 'approve',
      productId,
      ...(version === null ? {} : { version }),
    });
    return html`<a class="button" id="approve-${productId}-${variant}" href="/act?${query.toString()}" aria-label="Approve ${productName}">Approve</a>`;
  }
  if (packageId === null || revision === null || state === 'expired') return NOTHING;
  if (row.content === 'metadata' && state === 'visible') {
    return html`<a class="button" id="promote-${packageId}" href="/act?verb=promote&amp;packageId=${packageId}" aria-label="Promote ${productName} to content">Promote</a>`;
  }
  return html`<a class="button" id="republish-${packageId}" href="/act?verb=revise&amp;packageId=${packageId}" aria-label="Republish ${productName}">Republish</a>`;
}

function whyRow({ code, reason, nextStep, clients }: OverviewRow): Html {
  const details = CANARY_ROLES.flatMap((role) => {
    const detail = clients?.[role].detail;
    return detail === undefined ? [] : [html`<span class="wrong"><b>${role}</b> ${detail}</span> `];
  });
  if (reason === null && nextStep === null && details.length === 0) return NOTHING;
  const about = code === null ? NOTHING : html`<code>${code}</code> `;
  const next = nextStep === null ? NOTHING : html`<span class="next">Next: ${nextStep}</span>`;
  return html`<tr class="why"><td colspan="${COLUMNS.length}">${about}${reason} ${details}${next}</td></tr>`;
}

import type { Plan } from '../../core/plan.js';
import type { VerbRequest } from '../../operations/verbs/request.js';
import { type Html, html, NOTHING } from '../html.js';
import { brand, csrfField, layout } from './layout.js';

interface ConfirmFacts {
  readonly what: VerbRequest;
  readonly plan: Plan;
  readonly csrf: string;
}

const NAMES: Readonly<Record<Plan['verb'], string>> = {
  revise: 'Republish',
  rebuild: 'Rebuild',
  resign: 'Sign again',
  repair: 'Repair',
  promote: 'Promote to content',
  expire: 'Expire',
  rollback: 'Roll back',
  hold: 'Hold',
  approve: 'Approve',
  disown: 'Disown',
};

/** Says what will happen before it does; what is posted names this very plan. */
export function confirmPage({ what, plan, csrf }: ConfirmFacts): Html {
  const name = NAMES[plan.verb];
  const body = html`<main class="card wide">
<h1>${brand()}</h1>
<h2>${name}: ${plan.about}</h2>
<dl class="plan">${packageIdRow(plan)}${revisionRow(plan)}${catalogRow(plan)}</dl>
<h3>What is done</h3>
<ul>${plan.does.map((line) => html`<li>${line}</li>`)}</ul>
<h3>What clients see</h3>
<ul>${plan.clients.map((line) => html`<li>${line}</li>`)}</ul>
${plan.nothing === null ? confirmForm(what, plan, csrf) : html`<p class="notice">There is nothing to do: ${plan.nothing}.</p>`}
<p><a class="button" href="${backTo(what)}">${plan.nothing === null ? 'Cancel' : 'Back'}</a></p>
</main>`;
  return layout(`${name}: ${plan.about}`, body, NOTHING);
}

function packageIdRow({ packageId }: Plan): Html {
  if (packageId === null) return NOTHING;
  const { from, to } = packageId;
  const after =
    from === to
      ? html`<span class="good">stays</span>`
      : html`→ <code>${to}</code> <span class="changes">changes</span>`;
  return html`<div><dt>PackageID</dt><dd><code>${from}</code> ${after}</dd></div>`;
}

function revisionRow({ revision }: Plan): Html {
  if (revision === null) return NOTHING;
  return html`<div><dt>Revision</dt><dd>${revision.from ?? '–'} → <b>${revision.to}</b></dd></div>`;
}

function catalogRow({ catalogRevision }: Plan): Html {
  if (catalogRevision === null) return NOTHING;
  const { from, to } = catalogRevision;
  return html`<div><dt>Catalog</dt><dd>revision ${from ?? '–'} → <b>${to}</b> or later</dd></div>`;
}

function confirmForm(what: VerbRequest, { verb, digest }: Plan, csrf: string): Html {
  const isFinal = verb === 'expire' || verb === 'rollback' || verb === 'disown';
  return html`<form method="post" action="/act">
${csrfField(csrf)}<input type="hidden" name="plan" value="${digest}">${fieldsOf(what)}
<label for="reason">Why</label>
<input id="reason" name="reason" required maxlength="500" autofocus placeholder="for the audit log">
<p class="buttons"><button class="${isFinal ? 'danger' : 'primary'}" type="submit">${NAMES[verb]}</button></p>
</form>`;
}

function fieldsOf(what: VerbRequest): readonly Html[] {
  return Object.entries(what).flatMap(([name, value]: [string, string | null]) =>
    value === null ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  );
}

export function backTo(what: VerbRequest): string {
  if ('packageId' in what) return `/update/${what.packageId}`;
  return `/product?${new URLSearchParams({ id: what.productId }).toString()}`;
}

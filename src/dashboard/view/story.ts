import { spanBetween } from '../../core/hops.js';
import type { Explanation } from '../../operations/explain.js';
import { type Html, html, NOTHING } from '../html.js';
import { brand, layout } from './layout.js';
import { timeElement } from './time.js';

interface StoryFacts {
  readonly told: Explanation;
  readonly now: Date;
  /** The verb that was just asked for; null: none. */
  readonly asked: string | null;
}

/** One update, or one product: what can be done with it, why it stands where it stands, and how it came there. */
export function storyPage({ told, now, asked }: StoryFacts): Html {
  const body = html`<main class="card wide story">
<h1>${brand()}</h1>
<h2>${told.about}</h2>
${asked === null ? NOTHING : html`<p class="notice" role="status">Asked for: ${asked}. Load this page again to see how far it has come.</p>`}
<p class="package"><code>${told.subject}</code></p>
<ul class="standing">${told.standing.map((line) => html`<li>${line}</li>`)}</ul>
<div class="buttons">${told.update === null ? productButtons(told) : updateButtons(told, told.update)}</div>
${rollbackForm(told)}
${hopList(told.hops, now)}
<h3>How it came here</h3>
<ol class="events">${told.story.map(({ at, kind, text }) => html`<li class="event-${kind}">${timeElement(at, now)} ${text}</li>`)}</ol>
<p><a href="/">Back to the overview</a></p>
</main>`;
  return layout(told.about, body, NOTHING);
}

/** How long each hop has taken, from the vendor's release on. */
function hopList(hops: Explanation['hops'], now: Date): Html {
  if (hops.length === 0) return NOTHING;
  return html`<h3>How long each hop has taken</h3>
<ol class="events">${hops.map(({ hop, at }, index) => {
    const before = hops[index - 1];
    const span = before === undefined ? NOTHING : html` after ${spanBetween(before.at, at)}`;
    return html`<li>${timeElement(at, now)} <b>${hop}</b>${span}</li>`;
  })}</ol>`;
}

function updateButtons(
  { subject, content }: Explanation,
  { productId, version }: NonNullable<Explanation['update']>,
): readonly Html[] {
  const links = UPDATE_VERBS.map(([verb, name]) => button(name, { verb, packageId: subject }));
  return [
    ...(content === 'metadata'
      ? [button('Promote to content', { verb: 'promote', packageId: subject })]
      : []),
    ...links,
    button('Hold this version', { verb: 'hold', productId, version }),
    button('Approve this version', { verb: 'approve', productId, version }),
    button('Disown this version', { verb: 'disown', productId, version }),
    html` <a class="button" href="/product?${new URLSearchParams({ id: productId }).toString()}">The product</a>`,
  ];
}

const UPDATE_VERBS = [
  ['revise', 'Revise'],
  ['rebuild', 'Rebuild'],
  ['resign', 'Sign again'],
  ['repair', 'Repair'],
  ['expire', 'Expire'],
] as const;

function productButtons({ subject, updates }: Explanation): readonly Html[] {
  return [
    button('Hold', { verb: 'hold', productId: subject }),
    button('Approve', { verb: 'approve', productId: subject }),
    ...updates.map(
      ({ packageId, title }) => html` <a class="button" href="/update/${packageId}">${title}</a>`,
    ),
  ];
}

function button(name: string, query: Readonly<Record<string, string>>): Html {
  return html` <a class="button" href="/act?${new URLSearchParams(query).toString()}">${name}</a>`;
}

/** Which of the others are older is the plan's to say; it refuses what is not. */
function rollbackForm({ update, updates }: Explanation): Html {
  const others = updates.filter((one) => one.version !== update?.version);
  if (update === null || others.length === 0) return NOTHING;
  const versions = [...new Set(others.map(({ version }) => version))];
  return html`<form class="rollback" method="get" action="/act">
<input type="hidden" name="verb" value="rollback"><input type="hidden" name="packageId" value="${update.packageId}">
<label for="to">Roll back to</label>
<select id="to" name="to">${versions.map((version) => html`<option value="${version}">${version}</option>`)}</select>
<button type="submit">Roll back</button>
</form>`;
}

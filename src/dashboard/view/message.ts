import { type Html, html, NOTHING } from '../html.js';
import { brand, layout } from './layout.js';

/** One message and the way back. */
export function messagePage(status: number, message: string, nextStep: string | null): Html {
  const body = html`<main class="card">
<h1>${brand()}</h1>
<p class="bad">${message}</p>
${nextStep === null ? NOTHING : html`<p>${nextStep}</p>`}
<p><a href="/">Back to the overview</a></p>
</main>`;
  return layout(`Error ${status}`, body, NOTHING);
}

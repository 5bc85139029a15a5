import { type Html, html, NOTHING } from '../html.js';
import { brand, csrfField, layout } from './layout.js';

export function loginPage({ csrf, failed }: { readonly csrf: string; readonly failed: boolean }): Html {
  const body = html`<main class="card">
<h1>${brand()}</h1>
<form method="post" action="/login">
${csrfField(csrf)}
<input type="text" name="username" value="admin" autocomplete="username" class="hidden" tabindex="-1" aria-hidden="true">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus${failed ? html` aria-invalid="true" aria-describedby="failed"` : NOTHING}>
${failed ? html`<p id="failed" class="bad" role="alert">That did not work.</p>` : NOTHING}
<button class="primary" type="submit">Sign in</button>
</form>
<p class="muted">Forgotten? Set a new one on the server: <code>npm run patchpress -- password</code></p>
</main>`;
  return layout('Sign in', body, NOTHING);
}

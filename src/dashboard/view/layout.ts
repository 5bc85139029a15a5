import { type Html, html } from '../html.js';

/** The frame of every page. No style and no script stands in the markup: the content security policy forbids it. */
export function layout(title: string, body: Html, script: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Patchpress</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/dashboard.css">
${script}
</head>
<body>
${body}
</body>
</html>
`;
}

export function brand(): Html {
  return html`<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="22" height="22">Patchpress</a>`;
}

export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

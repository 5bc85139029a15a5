import type { ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer } from '../vendor.js';

const PAGES = 'www.chiark.greenend.org.uk';
const FILES = 'the.earth.li';

/** A page for people that names the latest release; its links lead through `latest/`, which redirects to the version. */
export const puttyPage: Vendor = {
  productId: 'PuTTY.PuTTY',
  hosts: [PAGES, FILES],
  answer({ host, path }, shelf): VendorAnswer | null {
    const latest = shelf.at(-1);
    if (latest === undefined) return null;
    if (host === FILES) return fileAnswer(path, shelf, latest.fixture.version);
    if (path !== '/~sgtatham/putty/latest.html') return null;
    return {
      kind: 'feed',
      contentType: 'text/html; charset=utf-8',
      body: page(shelf, latest),
      modified: new Date(latest.fixture.releasedAt),
    };
  },
};

function fileAnswer(path: string, shelf: readonly ShelfFile[], latest: string): VendorAnswer | null {
  const file = shelf.find(({ fixture }) => new URL(fixture.url).pathname === path);
  if (file !== undefined) return { kind: 'file', file };
  const rest = /^\/~sgtatham\/putty\/latest\/([\w./-]{0,100})$/.exec(path)?.[1];
  if (rest === undefined) return null;
  return { kind: 'redirect', location: `https://${FILES}/~sgtatham/putty/${latest}/${rest}` };
}

function page(shelf: readonly ShelfFile[], latest: ShelfFile): string {
  const { version, releasedAt } = latest.fixture;
  const older = shelf.map(({ fixture }) => fixture.version).filter((other) => other !== version);
  const links = shelf
    .filter(({ fixture }) => fixture.version === version)
    .map(({ fixture }) => {
      const bits = fixture.architecture === 'x64' ? '64-bit x86:' : '32-bit x86:';
      const href = fixture.url.replace(`/${version}/`, '/latest/');
      return `<div class="downloadline"><span class="downloadname">${bits}</span>
<span class="downloadfile"><a href="${href}"><code>${fixture.fileName}</code></a></span>
<span class="downloadsig"><a href="${href}.gpg">(signature)</a></span></div>`;
    });
  return `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>Download PuTTY: latest release (${version})</title>
<link rel="canonical" href="latest.html">
</head>
<body>
<h1 align=center>Download PuTTY: latest release (${version})</h1>
<p>This page holds the downloads of the latest released version of PuTTY.
Currently this is ${version}, released on ${releasedAt.slice(0, 10)}.
<p>When a new release comes out, this page will show it. Past releases: ${[...new Set(older)]
    .map((other) => `<a href="releases/${other}.html">${other}</a>`)
    .join(', ')}.
<h2>Package files</h2>
<h3>MSI (&lsquo;Windows Installer&rsquo;)</h3>
${links.join('\n')}
<h2>Development snapshots</h2>
<p>Fixes that came after ${version} are in the <a href="snapshot.html">development snapshots</a>.
</body></html>
`;
}

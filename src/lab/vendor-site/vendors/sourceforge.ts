import { createHash } from 'node:crypto';
import type { ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer, VendorRequest } from '../vendor.js';
import { modifiedOf } from './files.js';

const WEB = 'sourceforge.net';
const DOWNLOADS = 'downloads.sourceforge.net';
const MIRROR = 'netcologne.dl.sourceforge.net';
const PROJECT = 'winscp';

/** A version without a fixture, and what else lies in the folder of each: the feed shows them, they are not served. */
const BETA = { path: '/WinSCP/6.6.1.beta/WinSCP-6.6.1.beta-Setup.exe', releasedAt: '2026-05-28T09:00:00Z' };
const otherFiles = (version: string) => [`WinSCP-${version}.msi`, `WinSCP-${version}-Portable.zip`];

/** A project of SourceForge: the RSS of its files, and a download that leads over two redirects to a mirror. */
export const winscp: Vendor = {
  productId: 'WinSCP.WinSCP',
  hosts: [WEB, DOWNLOADS, MIRROR],
  answer(request, shelf): VendorAnswer | null {
    if (request.host === WEB && request.path === `/projects/${PROJECT}/rss`) return rss(request, shelf);
    const file = shelf.find((one) => request.path === addressOn(request.host, one));
    if (file === undefined) return null;
    if (request.host === MIRROR) return { kind: 'file', file };
    const host = request.host === WEB ? DOWNLOADS : MIRROR;
    const query = request.host === WEB ? '?use_mirror=netcologne&r=' : '?viasf=1';
    return { kind: 'redirect', location: `https://${host}${addressOn(host, file)}${query}` };
  },
};

/** `/WinSCP/6.5.6/WinSCP-6.5.6-Setup.exe`: where the file lies in the project. */
function pathInProject({ fixture }: ShelfFile): string {
  const { pathname } = new URL(fixture.url);
  return pathname.slice(`/projects/${PROJECT}/files`.length, -'/download'.length);
}

function addressOn(host: string, file: ShelfFile): string {
  return host === WEB ? new URL(file.fixture.url).pathname : `/project/${PROJECT}${pathInProject(file)}`;
}

function rss({ query }: VendorRequest, shelf: readonly ShelfFile[]): VendorAnswer {
  const folder = (query.get('path') ?? '/').replace(/\/$/, '');
  const items = itemsOf(shelf)
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .sort((a, b) => Date.parse(b.releasedAt) - Date.parse(a.releasedAt));
  return {
    kind: 'feed',
    contentType: 'application/rss+xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="utf-8"?>
<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:files="https://sourceforge.net/api/files.rdf#" xmlns:media="http://video.search.yahoo.com/mrss/" xmlns:doap="http://usefulinc.com/ns/doap#" xmlns:sf="https://sourceforge.net/api/sfelements.rdf#" version="2.0">
  <channel xmlns:files="https://sourceforge.net/api/files.rdf#" xmlns:media="http://video.search.yahoo.com/mrss/" xmlns:doap="http://usefulinc.com/ns/doap#" xmlns:sf="https://sourceforge.net/api/sfelements.rdf#">
    <title>WinSCP</title>
    <link>https://sourceforge.net</link>
    <description><![CDATA[Files from WinSCP]]></description>
    <pubDate>${dateOf(modifiedOf(shelf).toISOString())}</pubDate>
    <managingEditor>noreply@sourceforge.net (SourceForge.net)</managingEditor>
    <docs>http://blogs.law.harvard.edu/tech/rss</docs>
${items.map(itemXml).join('\n')}
  </channel>
</rss>
`,
    modified: modifiedOf(shelf),
  };
}

interface Item {
  readonly path: string;
  readonly releasedAt: string;
  readonly bytes: Buffer;
}

function itemsOf(shelf: readonly ShelfFile[]): Item[] {
  const placeholder = (path: string) => Buffer.from(`not served: ${path}`);
  const shown = shelf.flatMap((file) => {
    const path = pathInProject(file);
    const { releasedAt, version } = file.fixture;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const others = otherFiles(version).map((name) => `${folder}${name}`);
    return [
      { path, releasedAt, bytes: file.bytes },
      ...others.map((other) => ({ path: other, releasedAt, bytes: placeholder(other) })),
    ];
  });
  return [...shown, { ...BETA, bytes: placeholder(BETA.path) }];
}

function itemXml({ path, releasedAt, bytes }: Item): string {
  const link = `https://${WEB}/projects/${PROJECT}/files${path}/download`;
  const md5 = createHash('md5').update(bytes).digest('hex');
  return `    <item>
      <title><![CDATA[${path}]]></title>
      <link>${link}</link>
      <guid>${link}</guid>
      <pubDate>${dateOf(releasedAt)}</pubDate>
      <description><![CDATA[${path}]]></description>
      <files:extra-info xmlns:files="https://sourceforge.net/api/files.rdf#">PE32 executable</files:extra-info>
      <media:content xmlns:media="http://video.search.yahoo.com/mrss/" type="application/x-dosexec; charset=binary" url="${link}" filesize="${bytes.length}"><media:hash algo="md5">${md5}</media:hash></media:content>
    </item>`;
}

/** RFC 822 as SourceForge writes it, with `UT`. */
function dateOf(iso: string): string {
  return new Date(iso).toUTCString().replace('GMT', 'UT');
}

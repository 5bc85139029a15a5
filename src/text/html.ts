/** The `href` of every `<a>` (and `<area>`), in the page's order, as written but for character references. */
export function linksOf(page: string): readonly string[] {
  const links: string[] = [];
  for (let at = page.indexOf('<'); at >= 0 && links.length < MOST_LINKS; at = page.indexOf('<', at + 1)) {
    if (page.startsWith('<!--', at)) {
      const end = page.indexOf('-->', at + 4);
      if (end < 0) break;
      at = end;
      continue;
    }
    const tag = /^<a(?:rea)?(?=[\s/])/i.exec(page.slice(at, at + 6))?.[0];
    if (tag === undefined) continue;
    const href = hrefOf(page.slice(at + tag.length, at + LONGEST_TAG));
    if (href) links.push(decodeReferences(href));
  }
  return links;
}

/** Against what the page's links are relative: its first `<base href>` (HTML 4.2.3), else the page's own address. */
export function baseOf(page: string, address: string): string {
  const tag = /<base(?=[\s/])/i.exec(page.slice(0, LONGEST_HEAD));
  const href = tag === null ? null : hrefOf(page.slice(tag.index + 5, tag.index + LONGEST_TAG));
  const base = decodeReferences(href ?? '');
  return base !== '' && URL.canParse(base, address) ? new URL(base, address).href : address;
}

const LONGEST_HEAD = 200_000;
const MOST_LINKS = 20_000;
const LONGEST_TAG = 4096;

/** One attribute after the other, as HTML 13.2.5 splits them. */
const ATTRIBUTE = /[\s/]*(?:([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?|(>))/y;

function hrefOf(attributes: string): string | null {
  ATTRIBUTE.lastIndex = 0;
  for (let found = ATTRIBUTE.exec(attributes); found !== null; found = ATTRIBUTE.exec(attributes)) {
    if (found[5] !== undefined) return null;
    if (found[1]?.toLowerCase() === 'href') return (found[2] ?? found[3] ?? found[4] ?? '').trim();
  }
  return null;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeReferences(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (all, decimal, hex, name) => {
      if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? all;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}

/** Values by key, and by section and key; neither inherits anything. */
export interface KeyValues {
  readonly [name: string]: string | { readonly [key: string]: string };
}

const MOST_LINES = 200_000;
const SECTION = /^\[([^\]]{1,200})\]$/;
/** The first sign ends the key: addresses with `=` and `:` are values. */
const LINE = /^([^=:[\]{}]{1,200}?)\s*[=:]\s*(.*)$/;

/**
 * `key = value` or `key: value`, one on a line, in sections `[name]` or without (INI files as Windows reads them). The
 * first of several equal keys counts; quotes around a value, comments (`;`, `#`) and lines of another form are left out.
 */
export function parseKeyValues(text: string): KeyValues {
  const root: Record<string, string | Record<string, string>> = Object.create(null);
  let place: Record<string, unknown> = root;
  for (const raw of text.split(/\r\n|\r|\n/, MOST_LINES)) {
    const line = raw.trim();
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
    const section = SECTION.exec(line)?.[1]?.trim();
    if (section !== undefined) {
      place = sectionOf(root, section);
      continue;
    }
    const [, key = '', value = ''] = LINE.exec(line) ?? [];
    if (key.trim() !== '' && !Object.hasOwn(place, key.trim())) place[key.trim()] = withoutQuotes(value);
  }
  return root;
}

/** A section takes the place of a key of the same name. */
function sectionOf(root: Record<string, string | Record<string, string>>, name: string) {
  const known = root[name];
  if (typeof known === 'object') return known;
  const section: Record<string, string> = Object.create(null);
  root[name] = section;
  return section;
}

function withoutQuotes(value: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(value) ? value.slice(1, -1).trim() : value;
}

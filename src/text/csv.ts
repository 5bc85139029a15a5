const FIELD = /("(?:[^"]|"")*"?[^,\r\n]*|[^,\r\n]*)(,|\r?\n|\r|$)/y;

/**
 * Comma-separated values (RFC 4180): rows of fields; quoted fields may hold commas, quotes and line breaks. Tolerant: a
 * quote that is never closed ends with the text, what stands behind a closing one belongs to the field. Empty lines are
 * left out. In linear time; does not throw.
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  const body = text.replace(/^\ufeff/, '');
  const field = new RegExp(FIELD);
  let row: string[] = [];
  let isOpen = body !== '';
  while (isOpen) {
    const [, raw = '', end = ''] = field.exec(body) ?? [];
    row.push(unquoted(raw));
    isOpen = end !== '';
    if (end === ',') continue;
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

function unquoted(raw: string): string {
  const [, inner, rest = ''] = /^"((?:[^"]|"")*)"?(.*)$/s.exec(raw) ?? [];
  return inner === undefined ? raw : inner.replaceAll('""', '"') + rest;
}

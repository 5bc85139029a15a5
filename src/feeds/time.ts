/** `20240131`, `20240131093000`, with or without a zone: digits without separators. */
const COMPACT = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d))?(Z|[+-]\d{4})?$/;
/** What ends a time that says its zone; `UT` is RFC 822's own word for UTC, which Date.parse does not know. */
const ZONE = /(?:\dZ|\b(?:UT|UTC|GMT|[ECMP][SD]T)|\d:\d\d(?:[:.]\d+)*\s?[+-]\d\d:?\d\d)$/i;
/** Year first, or a month by its name: no other order of day and month is the same everywhere. */
const UNAMBIGUOUS = /^(?:19|20)\d\d[-/.]\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i;
const EARLIEST_MS = Date.UTC(1990, 0);
const LATEST_MS = Date.UTC(2100, 0);

/**
 * ISO 8601 of what feeds write: RFC 822, ISO 8601, a date in words, seconds or milliseconds since 1970. Without a zone it
 * is UTC, wherever this runs. Null where it is no time.
 */
export function timeOf(value: string | number | null | undefined): string | null {
  const text = String(value ?? '').trim();
  const [, seconds] = /^(\d{10}(?:\d{3})?)(?:\.\d{1,9})?$/.exec(text) ?? [];
  const ms = seconds === undefined ? parse(text) : Number(seconds.padEnd(13, '0'));
  return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms).toISOString() : null;
}

function parse(text: string): number {
  if (text.length > 100) return Number.NaN;
  const [, year, month, day, ...rest] = COMPACT.exec(text) ?? [];
  if (year !== undefined) {
    const [hours = '00', minutes = '00', seconds = '00', zone = 'Z'] = rest;
    return Date.parse(
      `${year}-${month}-${day}T${hours}:${minutes}:${seconds}${zone.replace(/(\d\d)$/, ':$1')}`,
    );
  }
  if (!UNAMBIGUOUS.test(text) || !isDay(text)) return Number.NaN;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Date.parse(text);
  const plain = text
    .replace(/(?<=\b\d{1,2})(?:st|nd|rd|th)\b/i, '')
    .replace(/^(\d{4})\.(\d\d?)\.(\d\d?)/, '$1-$2-$3')
    .replace(/\bUT$/i, 'UTC');
  if (ZONE.test(plain)) return Date.parse(plain);
  return Date.parse(/^\d{4}-\d\d-\d\dT/.test(plain) ? `${plain}Z` : `${plain} UTC`);
}

/** `2026-02-30` is none, which Date.parse takes for a day in March. */
function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})[-/.](\d\d?)[-/.](\d\d?)(?!\d)/.exec(text) ?? [];
  return (
    day === undefined ||
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  );
}

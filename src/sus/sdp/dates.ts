/** Vendors write dates with and without a time zone; UTC is meant (configmgr-catalog 3). Milliseconds; NaN: it is no date. */
export function utcMsOf(date: string): number {
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(date) ? date : `${date}Z`);
}

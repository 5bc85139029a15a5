import { type Check, length, oneOf, TYPES } from '../rules/checks.js';

/** The schemas' simple types with XML Schema's own lexical rules: wider than what we write. */
const collapsed =
  (check: Check): Check =>
  (text) =>
    check(text.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, ''));

const token = (...values: readonly string[]): Check => collapsed(oneOf(...values));

/** Leading zeros are whole numbers too, and `+5` where there may be a sign: unsigned types have none (XML Schema 1.0). */
export const whole = (check: Check): Check => {
  const isSigned = check('-1') === null;
  return collapsed((text) => {
    const unsigned = isSigned ? text.replace(/^\+(?=\d)/, '') : text;
    return check(unsigned.replace(/^(-?)0+(?=\d)/, '$1'));
  });
};

export const XSD = {
  any: TYPES.any,
  bool: token('true', 'false', '1', '0'),
  int: whole(TYPES.int),
  uint: whole(TYPES.uint),
  ushort: whole(TYPES.ushort),
  long: whole(TYPES.long),
  language: collapsed(TYPES.language),
  dateTime: collapsed((text) => (isDateTime(text) ? null : 'a date and time of XML Schema')),
  date: collapsed((text) => (isDate(text) ? null : 'a date of XML Schema')),
  base64: base64(Number.MAX_SAFE_INTEGER),
  digest: base64(20),
  uri: collapsed((text) => (isUri(text) ? null : 'an address of RFC 3986')),
  httpUrl: collapsed((text) => {
    const isHttp = /^https?:\/\/./.test(text) && [...text].length <= 2083 && isUri(text);
    return isHttp ? null : 'an http(s) address of at most 2083 characters';
  }),
  integers: collapsed((text) => {
    const wrong = text.split(' ').filter((one) => one !== '' && whole(TYPES.int)(one) !== null);
    return wrong.length === 0 ? null : 'whole numbers';
  }),
  guid: TYPES.guid,
  bracedGuid: TYPES.bracedGuid,
  version4: TYPES.version4,
  msiVersion: TYPES.msiVersion,
  schemaVersion: TYPES.schemaVersion,
  title: length(1, 200),
  description: length(1, 1500),
  fileName: length(1, 256),
  filePath: length(1, 260),
  commandLine: length(1, 32_768),
  result: token('Failed', 'Succeeded', 'Cancelled'),
  token,
} as const;

function base64(maximumBytes: number): Check {
  return (text) => {
    const bare = text.replace(/[\t\n\r ]+/g, '');
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(bare);
    // The bits that stand for no byte are zero. [XML Schema 2] 3.2.16
    const isCanonical = !/(?:[^AQgw]==|[^AEIMQUYcgkosw048=]=)$/.test(bare);
    const sizeBytes = (bare.length / 4) * 3 - (/=*$/.exec(bare)?.[0].length ?? 0);
    return isBase64 && isCanonical && sizeBytes <= maximumBytes ? null : 'base64 of allowed length';
  };
}

function isDate(text: string): boolean {
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (day === undefined) return false;
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function isDateTime(text: string): boolean {
  const [, day, time, zone] = /^([^T]*)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (day === undefined || time === undefined || !isDate(day)) return false;
  const isTime = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d/.test(time) || /^24:00:00(?:\.0+)?$/.test(time);
  const isZone = zone === undefined || /^(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/.test(zone);
  return isTime && isZone;
}

/** What an address may not hold as it is (blanks, quotes, other scripts) is escaped first. [XML Schema 2] 3.2.17 */
function isUri(text: string): boolean {
  const escaped = text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/g, '_');
  return /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/[^/?#[\]:]*(?:\[[^\]]*\])?[^/?#[\]:]*(?::\d*)?(?=[/?#]|$))?(?:%[0-9A-Fa-f]{2}|[^%#[\]?])*(?:\?(?:%[0-9A-Fa-f]{2}|[^%#])*)?(?:#(?:%[0-9A-Fa-f]{2}|[^%#])*)?$/.test(
    escaped,
  );
}

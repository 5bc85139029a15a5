/** A value's type: says what was expected where the text does not have it, else null. */
export type Check = (text: string) => string | null;

const BRACED = /^\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/;

const pattern =
  (expression: RegExp, expected: string): Check =>
  (text) =>
    expression.test(text) ? null : expected;

export const length =
  (minimum: number, maximum: number): Check =>
  (text) => {
    // XML Schema counts characters, not UTF-16 units.
    const size = text.length > maximum || text.length < minimum ? [...text].length : text.length;
    return size >= minimum && size <= maximum ? null : `${minimum} to ${maximum} characters`;
  };

export const oneOf =
  (...values: readonly string[]): Check =>
  (text) =>
    values.includes(text) ? null : values.join(' | ');

const integer =
  (minimum: bigint, maximum: bigint): Check =>
  (text) => {
    const inRange = /^-?\d{1,20}$/.test(text) && BigInt(text) >= minimum && BigInt(text) <= maximum;
    return inRange ? null : `a whole number from ${minimum} to ${maximum}`;
  };

/** The simple types of BaseTypes.xsd and patch_applicability.xsd, strict about white space. */
export const TYPES = {
  guid: pattern(/^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, 'a GUID without braces'),
  bracedGuid: pattern(BRACED, 'a GUID in braces'),
  version4: pattern(/^\d{1,5}(?:\.\d{1,5}){3}$/, 'four numeric parts of at most five digits'),
  msiVersion: pattern(/^\d{1,5}(?:\.\d{1,5}){0,3}$/, 'one to four numeric parts of at most five digits'),
  schemaVersion: pattern(/^\d{1,5}\.\d{1,5}$/, 'two numeric parts'),
  bool: oneOf('true', 'false'),
  ushort: integer(0n, 65_535n),
  uint: integer(0n, 4_294_967_295n),
  int: integer(-2_147_483_648n, 2_147_483_647n),
  long: integer(0n, 9_223_372_036_854_775_807n),
  language: pattern(/^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/, 'a language tag'),
  date: (text: string) => (isDateTime(text) ? null : 'an ISO 8601 date and time'),
  sha1: pattern(/^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/, 'base64 of 20 bytes'),
  sha256: pattern(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'base64 of 32 bytes'),
  httpUrl: (text: string) =>
    /^https?:\/\/[^\s<>"{}|\\^`]+$/.test(text) && text.length <= 2083
      ? null
      : 'an http(s) address of at most 2083 characters',
  scalar: oneOf('LessThan', 'LessThanOrEqualTo', 'EqualTo', 'GreaterThanOrEqualTo', 'GreaterThan'),
  text: oneOf('EqualTo', 'BeginsWith', 'Contains', 'EndsWith'),
  any: () => null,
} satisfies Record<string, Check>;

function isDateTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?$/.test(text)) return false;
  const day = text.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day) return false;
  return !Number.isNaN(Date.parse(text));
}

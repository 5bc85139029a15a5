import { PermanentError, printable } from '../../core/errors.js';
import { attributeOf, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { type Check, TYPES } from '../rules/checks.js';

/** Where the document is from, for messages. */
export type Where = string;

export function malformed(where: Where, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', 'the update document cannot be understood', {
    where,
    expected,
    found: printable(found, 100),
  });
}

/** The text of a child that must be there. */
export function requiredText(from: XmlElement, name: string, where: Where): string {
  const child = childOf(from, name);
  if (child === null) throw malformed(where, `${name} in ${from.localName}`, 'none');
  return textOf(child);
}

export function optionalText(from: XmlElement, name: string): string | null {
  const child = childOf(from, name);
  return child === null ? null : textOf(child);
}

export function requiredAttribute(from: XmlElement, name: string, where: Where): string {
  const value = attributeOf(from, name);
  if (value === null) throw malformed(where, `${from.localName}/@${name}`, 'none');
  return value;
}

/** White space around a value that is no text is not part of it (vendors' files have blanks in return codes). */
export function checkedAttribute(from: XmlElement, name: string, check: Check, where: Where): string {
  return checked(requiredAttribute(from, name, where).trim(), `${from.localName}/@${name}`, check, where);
}

export function checked(value: string, what: string, check: Check, where: Where): string {
  const expected = check(value);
  if (expected !== null) throw malformed(where, `${what}: ${expected}`, value);
  return value;
}

/** In lower case: vendors' files have GUIDs in both cases, and they mean the same. */
export function guid(value: string, what: string, where: Where): string {
  return checked(value.trim(), what, TYPES.guid, where).toLowerCase();
}

/** One of the values, the fallback where the attribute is missing. */
export function choice<T extends string, F>(
  from: XmlElement,
  name: string,
  values: readonly T[],
  fallback: F,
  where: Where,
): T | F {
  const raw = attributeOf(from, name);
  if (raw === null) return fallback;
  const value = values.find((one) => one === raw.trim());
  if (value === undefined) throw malformed(where, `${from.localName}/@${name}: ${values.join(' | ')}`, raw);
  return value;
}

/** XML Schema knows two spellings of each boolean. */
export function flag<F>(from: XmlElement, name: string, fallback: F, where: Where): boolean | F {
  const value = choice(from, name, ['true', 'false', '1', '0'], null, where);
  return value === null ? fallback : value === 'true' || value === '1';
}

export function wholeNumber(from: XmlElement, name: string, check: Check, where: Where): number {
  const text = requiredAttribute(from, name, where).trim().replace(/^\+/, '');
  const value = Number(checked(text, `${from.localName}/@${name}`, check, where));
  if (!Number.isSafeInteger(value)) throw malformed(where, `${name} below 2^53`, text);
  return value;
}

import { printable } from '../core/errors.js';
import type { Asn1 } from './asn1.js';
import { Fields, oidOf, requireType } from './fields.js';
import { malformed } from './rejection.js';

const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'PostalCode',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'E',
};
/** Far above real names; keeps what is compared and shown whole. */
const MAX_NAME_BYTES = 4096;

/** RFC 4514: most specific first, `CN=..., O=..., C=...`, special characters escaped, control characters shown as such. */
export function describeName(name: Asn1): string {
  requireType(name, 'SEQUENCE', 'a name');
  if (name.raw.length > MAX_NAME_BYTES) throw malformed('a name is longer than 4096 bytes');
  return [...name.children].reverse().map(describeRdn).join(', ');
}

function describeRdn(rdn: Asn1): string {
  return requireType(rdn, 'SET', 'a part of a name').children.map(describeAttribute).join('+');
}

function describeAttribute(attribute: Asn1): string {
  const fields = new Fields(attribute, 'a part of a name');
  const oid = oidOf(fields.take('OBJECT IDENTIFIER'), 'a part of a name');
  const value = fields.any();
  fields.end();
  const text = textOf(value);
  return `${KEYWORDS[oid] ?? oid}=${text === null ? `#${value.raw.toString('hex')}` : escapeValue(text)}`;
}

function textOf(value: Asn1): string | null {
  if (value.isConstructed) return null;
  switch (value.type) {
    case 'UTF8String':
      return strictUtf8(value.content);
    case 'PrintableString':
    case 'IA5String':
    case 'TeletexString':
      return value.content.toString('latin1');
    case 'BMPString':
      return bigEndianUtf16(value.content);
    default:
      return null;
  }
}

/** Null for what is no UTF-8: replacement characters would make different names look equal. */
function strictUtf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

function bigEndianUtf16(bytes: Buffer): string | null {
  return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : null;
}

/** RFC 4514 2.4. A backslash is escaped first, so that what `printable` writes cannot be imitated. */
function escapeValue(text: string): string {
  const escaped = text.replace(/["+,;<>\\]/g, '\\$&').replace(/^[ #]|(?<!^) $/g, '\\$&');
  return printable(escaped, Number.POSITIVE_INFINITY);
}

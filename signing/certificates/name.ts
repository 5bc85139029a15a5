import { PermanentError, printable } from '../../src/core/errors.js';
import { objectIdentifier, printableString, sequence, setOf, utf8String } from '../formats/der.js';
import { OID } from '../formats/object-identifiers.js';

/** Of RFC 4514; the upper bounds are those of RFC 5280 appendix A. */
const ATTRIBUTES: Readonly<Record<string, { readonly oid: string; readonly maxLength: number }>> = {
  CN: { oid: OID.commonName, maxLength: 64 },
  OU: { oid: OID.organizationalUnitName, maxLength: 64 },
  O: { oid: OID.organizationName, maxLength: 64 },
  L: { oid: OID.localityName, maxLength: 128 },
  ST: { oid: OID.stateOrProvinceName, maxLength: 128 },
  C: { oid: OID.countryName, maxLength: 2 },
};

/**
 * A Name from `CN=..., O=..., C=..` (most specific first, a comma inside a value as `\,`) or from a common name alone.
 * PermanentError `configuration.invalid`.
 */
export function writeName(subject: string): Buffer {
  const text = /^[A-Z]{1,2}=/.test(subject) ? subject : `CN=${subject.replace(/[\\,]/g, '\\$&')}`;
  const parts = text.split(/(?<!\\),\s*/).map((part) => writePart(part, subject));
  // A Name starts with the least specific part.
  return sequence(...parts.reverse());
}

function writePart(part: string, subject: string): Buffer {
  const at = part.indexOf('=');
  const type = part.slice(0, at);
  const value = part
    .slice(at + 1)
    .replace(/\\(.)/g, '$1')
    .trim();
  const attribute = ATTRIBUTES[type];
  if (at < 0 || attribute === undefined || value === '' || value.length > attribute.maxLength) {
    throw new PermanentError('configuration.invalid', 'not the subject of a certificate', {
      where: printable(subject),
      expected: `CN=..., O=..., C=.. of the attributes ${Object.keys(ATTRIBUTES).join(' ')}, none empty or too long`,
      found: printable(part),
    });
  }
  const encoded = type === 'C' ? printableString(value) : utf8String(value);
  return setOf(sequence(objectIdentifier(attribute.oid), encoded));
}

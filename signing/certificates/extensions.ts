import { createHash } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { PermanentError, printable } from '../../src/core/errors.js';
import {
  bitString,
  boolean,
  contextPrimitive,
  objectIdentifier,
  octetString,
  sequence,
} from '../formats/der.js';
import { childAt, type DerSubject, readChildren, readDer, TAG } from '../formats/der-reader.js';
import { OID } from '../formats/object-identifiers.js';

export type CertificateUsage = 'codeSigning' | 'timeStamping' | 'serverAuth' | 'clientAuth';

/** KeyUsage (RFC 5280 4.2.1.3): the first bit is the highest, unused bits are zero. */
const KEY_USAGE = {
  digitalSignature: bitString(Buffer.from([0x80]), 7),
  digitalSignatureAndKeyEncipherment: bitString(Buffer.from([0xa0]), 5),
  keyCertSignAndCrlSign: bitString(Buffer.from([0x06]), 1),
};

/** Of an authority: everything below it may be signed. */
export function authorityExtensions(): readonly Buffer[] {
  return [
    extension(OID.basicConstraints, true, sequence(boolean(true))),
    extension(OID.keyUsage, true, KEY_USAGE.keyCertSignAndCrlSign),
  ];
}

/** RFC 3161 2.3: the purpose of a time-stamping certificate is critical and alone. */
export function leafExtensions(usage: CertificateUsage, hosts: readonly string[]): readonly Buffer[] {
  const isTls = usage === 'serverAuth' || usage === 'clientAuth';
  return [
    extension(OID.basicConstraints, true, sequence()),
    extension(
      OID.keyUsage,
      true,
      isTls ? KEY_USAGE.digitalSignatureAndKeyEncipherment : KEY_USAGE.digitalSignature,
    ),
    extension(OID.extKeyUsage, usage === 'timeStamping', sequence(objectIdentifier(OID[usage]))),
    ...(hosts.length === 0
      ? []
      : [extension(OID.subjectAltName, false, sequence(...hosts.map(generalName)))]),
  ];
}

/** How a chain is followed by key and not by name alone. Both are encoded SubjectPublicKeyInfo. */
export function keyIdentifierExtensions(publicKey: Buffer, issuerKey: Buffer): readonly Buffer[] {
  return [
    extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier(publicKey))),
    extension(OID.authorityKeyIdentifier, false, sequence(contextPrimitive(0, keyIdentifier(issuerKey)))),
  ];
}

const PUBLIC_KEY: DerSubject = { code: 'signature.malformed', what: 'a public key' };

/** RFC 5280 4.2.1.2 (1): SHA-1 of the key's bits without tag, length and count of unused bits. */
function keyIdentifier(publicKey: Buffer): Buffer {
  const fields = readChildren(readDer(publicKey, PUBLIC_KEY), PUBLIC_KEY);
  const bits = childAt(fields, 1, TAG.bitString, PUBLIC_KEY).content.subarray(1);
  return createHash('sha1').update(bits).digest();
}

function generalName(host: string): Buffer {
  if (isIPv4(host)) return contextPrimitive(7, Buffer.from(host.split('.').map(Number)));
  if (isIP(host) === 0 && /^[A-Za-z0-9*._-]{1,253}$/.test(host)) {
    return contextPrimitive(2, Buffer.from(host, 'latin1'));
  }
  throw new PermanentError('configuration.invalid', 'a certificate cannot name this host', {
    expected: 'a host name in ASCII or an IPv4 address',
    found: printable(host),
  });
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value));
}

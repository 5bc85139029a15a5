import { type Asn1, parseAsn1 } from './asn1.js';
import { booleanOf, Fields, octetsOf, oidOf, requireType, smallIntegerOf } from './fields.js';
import { OID } from './oids.js';
import { malformed } from './rejection.js';

export interface Extensions {
  readonly basicConstraints: { readonly isAuthority: boolean; readonly pathLength: number | null } | null;
  /** First octet of the bit string; null: absent, so not limited. */
  readonly keyUsage: number | null;
  readonly extKeyUsage: { readonly purposes: readonly string[]; readonly isCritical: boolean } | null;
  readonly subjectKeyIdentifier: Buffer | null;
  /** Critical ones that are not understood here: such a certificate must not be used (RFC 5280 4.2). */
  readonly unknownCritical: readonly string[];
}

/** Bits of KeyUsage (RFC 5280 4.2.1.3), bit 0 is the highest. */
export const KEY_USAGE = { digitalSignature: 0x80, keyCertSign: 0x04 } as const;

const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  // They limit nothing that is asked here.
  OID.subjectAltName,
  OID.issuerAltName,
  OID.certificatePolicies,
]);

interface Extension {
  readonly isCritical: boolean;
  readonly value: Buffer;
}

export function readExtensions(list: Asn1 | null): Extensions {
  const found = new Map<string, Extension>();
  for (const item of list === null ? [] : requireType(list, 'SEQUENCE', 'extensions').children) {
    const fields = new Fields(item, 'an extension');
    const oid = oidOf(fields.any(), 'an extension');
    const critical = fields.takeIf('BOOLEAN');
    const value = octetsOf(fields.any(), 'an extension');
    fields.end();
    if (found.has(oid)) throw malformed(`the extension ${oid} appears twice`);
    found.set(oid, { isCritical: critical !== null && booleanOf(critical, 'an extension'), value });
  }
  return {
    basicConstraints: readBasicConstraints(found.get(OID.basicConstraints)),
    keyUsage: readKeyUsage(found.get(OID.keyUsage)),
    extKeyUsage: readExtKeyUsage(found.get(OID.extKeyUsage)),
    subjectKeyIdentifier: readKeyIdentifier(found.get(OID.subjectKeyIdentifier)),
    unknownCritical: [...found]
      .filter(([oid, { isCritical }]) => isCritical && !UNDERSTOOD.has(oid))
      .map(([oid]) => oid),
  };
}

function readBasicConstraints(extension: Extension | undefined): Extensions['basicConstraints'] {
  if (extension === undefined) return null;
  const fields = new Fields(parseAsn1(extension.value, 'basicConstraints'), 'basicConstraints');
  const isAuthority = fields.takeIf('BOOLEAN');
  const pathLength = fields.takeIf('INTEGER');
  fields.end();
  return {
    isAuthority: isAuthority !== null && booleanOf(isAuthority, 'basicConstraints'),
    pathLength: pathLength === null ? null : smallIntegerOf(pathLength, 'pathLenConstraint'),
  };
}

function readKeyUsage(extension: Extension | undefined): number | null {
  if (extension === undefined) return null;
  const { content } = requireType(parseAsn1(extension.value, 'keyUsage'), 'BIT STRING', 'keyUsage');
  return content[1] ?? 0;
}

function readExtKeyUsage(extension: Extension | undefined): Extensions['extKeyUsage'] {
  if (extension === undefined) return null;
  const list = requireType(parseAsn1(extension.value, 'extKeyUsage'), 'SEQUENCE', 'extKeyUsage');
  return {
    purposes: list.children.map((purpose) => oidOf(purpose, 'extKeyUsage')),
    isCritical: extension.isCritical,
  };
}

function readKeyIdentifier(extension: Extension | undefined): Buffer | null {
  if (extension === undefined) return null;
  return octetsOf(parseAsn1(extension.value, 'subjectKeyIdentifier'), 'subjectKeyIdentifier');
}

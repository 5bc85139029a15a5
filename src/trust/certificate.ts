import { createHash } from 'node:crypto';
import type { SignerIdentity } from '../core/installer.js';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.js';
import { type Asn1, parseAsn1 } from './asn1.js';
import { type Extensions, readExtensions } from './extensions.js';
import { bitStringOctets, Fields, onlyChild, requireType, timeOf } from './fields.js';
import { describeName } from './names.js';
import { malformed } from './rejection.js';

/** What of an X.509 certificate (RFC 5280 4.1) decides about trust. */
export interface Certificate {
  readonly raw: Buffer;
  /** What the issuer signed. */
  readonly tbs: Buffer;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Buffer;
  /** Content octets of the INTEGER. */
  readonly serial: Buffer;
  /** DER of the names: compared octet by octet. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly issuerText: string;
  readonly subjectText: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER of SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Buffer;
  readonly extensions: Extensions;
}

/** Throws Rejection `malformed`. */
export function readCertificate(der: Uint8Array): Certificate {
  return toCertificate(parseAsn1(der, 'a certificate'));
}

export function toCertificate(value: Asn1): Certificate {
  const outer = new Fields(value, 'a certificate');
  const tbs = outer.take('SEQUENCE');
  const algorithm = outer.take('SEQUENCE');
  const signature = bitStringOctets(outer.any(), "a certificate's signature");
  outer.end();
  const fields = new Fields(tbs, 'a certificate');
  fields.takeIf('[0]');
  const serial = fields.take('INTEGER');
  // Two algorithms that differ are an old trick: only one of them is signed.
  if (!fields.take('SEQUENCE').raw.equals(algorithm.raw))
    throw malformed('a certificate names two algorithms');
  const issuer = fields.take('SEQUENCE');
  const validity = new Fields(fields.take('SEQUENCE'), "a certificate's validity");
  const subject = fields.take('SEQUENCE');
  const publicKeyInfo = requireType(fields.any(), 'SEQUENCE', "a certificate's key");
  fields.takeIf('[1]');
  fields.takeIf('[2]');
  const extensions = fields.takeIf('[3]');
  fields.end();
  return {
    raw: value.raw,
    tbs: tbs.raw,
    signatureAlgorithm: readAlgorithm(algorithm),
    signature,
    serial: serial.content,
    issuer: issuer.raw,
    subject: subject.raw,
    issuerText: describeName(issuer),
    subjectText: describeName(subject),
    notBefore: timeOf(validity.any(), "a certificate's start"),
    notAfter: timeOf(validity.any(), "a certificate's end"),
    publicKeyInfo: publicKeyInfo.raw,
    extensions: readExtensions(extensions === null ? null : onlyChild(extensions, 'extensions')),
  };
}

export function identityOf(certificate: Certificate): SignerIdentity {
  return {
    subject: certificate.subjectText,
    issuer: certificate.issuerText,
    serial: certificate.serial.toString('hex').toUpperCase(),
    thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    certificateDer: Buffer.from(certificate.raw),
  };
}

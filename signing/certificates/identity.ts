import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import {
  childAt,
  type DerElement,
  type DerSubject,
  readChildren,
  readDer,
  TAG,
} from '../formats/der-reader.js';

/** A certificate with its private key. */
export interface CertifiedKey {
  /** PEM of the certificate itself. */
  readonly certificate: string;
  /** PEM, PKCS#8, not encrypted. */
  readonly key: string;
  /** PEM of its issuers, nearest first, up to the root; empty for a certificate that signed itself. */
  readonly chain: readonly string[];
}

export function certificateDer(pem: string): Buffer {
  return Buffer.from(new X509Certificate(pem).raw);
}

export function certificatePem(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}

/** PEM, PKCS#8, not encrypted. */
export function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Upper-case SHA-1 of the DER, as Windows and ConfigMgr name a certificate. */
export function thumbprintOf(der: Uint8Array): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}

/** `CN=..., O=..., C=...`, most specific first. */
export function subjectOf(der: Uint8Array): string {
  return new X509Certificate(der).subject.split('\n').reverse().join(', ');
}

/** What is copied byte by byte from a certificate into signatures and other certificates. */
export interface CertificateParts {
  /** INTEGER, encoded. */
  readonly serialNumber: Buffer;
  /** Name, encoded. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo, encoded. */
  readonly publicKey: Buffer;
}

const CERTIFICATE: DerSubject = { code: 'signature.malformed', what: 'a certificate' };

/** RFC 5280 4.1, as far as it is copied. PermanentError `signature.malformed`. */
export function certificateParts(der: Uint8Array): CertificateParts {
  const tbs = childAt(readChildren(readDer(der, CERTIFICATE), CERTIFICATE), 0, TAG.sequence, CERTIFICATE);
  const fields = readChildren(tbs, CERTIFICATE);
  // `version [0]` stands in front of all certificates but those of version 1.
  const start = fields[0]?.tag === 0xa0 ? 1 : 0;
  const part = (index: number, tag: number): DerElement => childAt(fields, start + index, tag, CERTIFICATE);
  return {
    serialNumber: part(0, TAG.integer).raw,
    issuer: part(2, TAG.sequence).raw,
    subject: part(4, TAG.sequence).raw,
    publicKey: part(5, TAG.sequence).raw,
  };
}

import { createHash } from 'node:crypto';
import { codeSigner, indirectContent } from '../../../signing/authenticode/index.js';
import type { CertifiedKey } from '../../../signing/certificates/index.js';
import {
  bitString,
  bmpText,
  context,
  contextPrimitive,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from '../../../signing/formats/der.js';
import { signAttributes, writeSignedData } from '../../../signing/formats/signed-data.js';

/** Who signs a vendor's installers. */
export type VendorIdentity = CertifiedKey;

export const OID = {
  spcPeImageData: '1.3.6.1.4.1.311.2.1.15',
  spcSipInfo: '1.3.6.1.4.1.311.2.1.30',
} as const;

/** PKCS#7 over the digest of a file of this kind; no timestamp, so it holds as long as the certificate does. */
export function signatureOver(value: Buffer, type: string, sha256: Buffer, vendor: VendorIdentity): Buffer {
  const signer = codeSigner(vendor);
  const content = indirectContent(sequence(objectIdentifier(type), value), sha256, '');
  const signed = signAttributes(content, signer.privateKey);
  return writeSignedData(content, signed, { signer, withCertificates: true, unsignedAttributes: [] });
}

export function digestOf(pieces: Iterable<Buffer>): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** SpcPeImageData (Authenticode PE format paper): no flags, and a link to a file whose name is this literal. */
export function peImageData(): Buffer {
  const link = context(2, contextPrimitive(0, bmpText('<<<Obsolete>>>')));
  return sequence(bitString(Buffer.alloc(0)), context(0, link));
}

/** The subject interface package for Windows Installer files, version 1. */
const MSI_PACKAGE = Buffer.from('f1100c0000000000c000000000000046', 'hex');

/** SpcSipInfo: as signtool writes it for an MSI. */
export function sipInfo(): Buffer {
  const zeros = Array.from({ length: 5 }, () => integer(0));
  return sequence(integer(1), octetString(MSI_PACKAGE), ...zeros);
}

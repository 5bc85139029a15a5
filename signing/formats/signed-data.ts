import { createHash, type KeyObject, sign } from 'node:crypto';
import { certificateParts } from '../certificates/identity.js';
import { context, integer, nothing, objectIdentifier, octetString, sequence, setOf } from './der.js';
import { OID } from './object-identifiers.js';

/** Who signs: the key in this process's memory, its certificate and the issuers that are sent along, all DER. */
export interface CmsSigner {
  readonly privateKey: KeyObject;
  readonly certificate: Buffer;
  readonly issuers: readonly Buffer[];
}

export interface SignedContent {
  /** 1 in PKCS#7 and Authenticode, 3 in CMS for any content type but `data` (RFC 5652 5.1). */
  readonly version: 1 | 3;
  readonly contentType: string;
  /** What stands inside of `[0] EXPLICIT`, encoded. */
  readonly content: Buffer;
  /** What the messageDigest attribute is the digest of: the content octets without tag and length. */
  readonly digested: Buffer;
  /** Signed attributes beside contentType and messageDigest. */
  readonly attributes: readonly Buffer[];
}

/** A SignerInfo that waits for its unsigned attributes: a timestamp needs the signature first. */
export interface SignedAttributes {
  /** The attributes as a SET OF, ordered: the very bytes that were signed (RFC 5652 5.4). */
  readonly signedAttributes: Buffer;
  readonly signature: Buffer;
}

export function signAttributes(content: SignedContent, privateKey: KeyObject): SignedAttributes {
  const signedAttributes = setOf(
    attribute(OID.contentType, objectIdentifier(content.contentType)),
    attribute(OID.messageDigest, octetString(createHash('sha256').update(content.digested).digest())),
    ...content.attributes,
  );
  return { signedAttributes, signature: sign('sha256', signedAttributes, privateKey) };
}

/** ContentInfo around SignedData with one SignerInfo: SHA-256, RSA PKCS#1 v1.5. */
export function writeSignedData(
  content: SignedContent,
  signed: SignedAttributes,
  options: {
    readonly signer: CmsSigner;
    readonly withCertificates: boolean;
    readonly unsignedAttributes: readonly Buffer[];
  },
): Buffer {
  const { signer, withCertificates, unsignedAttributes } = options;
  const certificates = [signer.certificate, ...signer.issuers].sort(Buffer.compare);
  const signerInfo = sequence(
    integer(1),
    issuerAndSerialNumber(signer.certificate),
    sha256Algorithm(),
    // [0] IMPLICIT: the same SET with another tag.
    retagged(signed.signedAttributes, 0xa0),
    sequence(objectIdentifier(OID.rsaEncryption), nothing()),
    octetString(signed.signature),
    ...(unsignedAttributes.length === 0 ? [] : [retagged(setOf(...unsignedAttributes), 0xa1)]),
  );
  const signedData = sequence(
    integer(content.version),
    setOf(sha256Algorithm()),
    sequence(objectIdentifier(content.contentType), context(0, content.content)),
    ...(withCertificates ? [context(0, ...certificates)] : []),
    setOf(signerInfo),
  );
  return sequence(objectIdentifier(OID.signedData), context(0, signedData));
}

export function attribute(type: string, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(type), setOf(value));
}

export function sha256Algorithm(): Buffer {
  return sequence(objectIdentifier(OID.sha256), nothing());
}

function issuerAndSerialNumber(certificate: Buffer): Buffer {
  const { issuer, serialNumber } = certificateParts(certificate);
  return sequence(issuer, serialNumber);
}

function retagged(element: Buffer, tag: number): Buffer {
  const copy = Buffer.from(element);
  copy.writeUInt8(tag, 0);
  return copy;
}

import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.js';
import type { Asn1 } from './asn1.js';
import { type Certificate, toCertificate } from './certificate.js';
import { Fields, octetsOf, oidOf, onlyChild, requireType } from './fields.js';
import { OID } from './oids.js';
import { malformed } from './rejection.js';

/** CMS SignedData (RFC 5652 5.1, with the content of PKCS#7 where it is no OCTET STRING). */
export interface SignedData {
  readonly contentType: string;
  /** What is signed, still in its tag. */
  readonly content: Asn1;
  readonly certificates: readonly Certificate[];
  readonly signer: SignerInfo;
}

export interface SignerInfo {
  readonly signerId: SignerId;
  readonly digestAlgorithm: AlgorithmIdentifier;
  /** By type. A type that appears twice is refused. */
  readonly signedAttributes: ReadonlyMap<string, readonly Asn1[]>;
  /** Their DER as a SET OF: what the signature is over. */
  readonly signedBytes: Buffer;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Buffer;
  readonly unsignedAttributes: ReadonlyMap<string, readonly Asn1[]>;
}

export type SignerId =
  | { readonly issuer: Buffer; readonly serial: Buffer }
  | { readonly subjectKeyIdentifier: Buffer };

/** Real signatures carry a handful; every one of them is decoded. */
const MAX_CERTIFICATES = 64;
const SET_OF = 0x31;

export function readSignedData(contentInfo: Asn1): SignedData {
  const info = new Fields(contentInfo, 'ContentInfo');
  const type = oidOf(info.any(), 'ContentInfo');
  if (type !== OID.signedData) throw malformed(`ContentInfo holds ${type}, SignedData expected`);
  const body = onlyChild(info.take('[0]'), 'ContentInfo');
  info.end();
  const fields = new Fields(body, 'SignedData');
  fields.take('INTEGER');
  fields.take('SET');
  const encapsulated = new Fields(fields.take('SEQUENCE'), 'EncapsulatedContentInfo');
  const contentType = oidOf(encapsulated.any(), 'EncapsulatedContentInfo');
  const content = onlyChild(encapsulated.take('[0]'), 'EncapsulatedContentInfo');
  encapsulated.end();
  const certificates = fields.takeIf('[0]');
  fields.takeIf('[1]');
  const signers = fields.take('SET');
  fields.end();
  return {
    contentType,
    content,
    certificates: certificates === null ? [] : readCertificates(certificates),
    signer: readSignerInfo(onlyChild(signers, 'SignerInfos')),
  };
}

/** Other kinds of certificates (attribute certificates) have a context tag and are of no use here. */
function readCertificates(list: Asn1): readonly Certificate[] {
  if (list.children.length > MAX_CERTIFICATES) {
    throw malformed(`${list.children.length} certificates, at most ${MAX_CERTIFICATES} expected`);
  }
  return list.children.filter((item) => item.type === 'SEQUENCE').map(toCertificate);
}

export function readSignerInfo(value: Asn1): SignerInfo {
  const fields = new Fields(value, 'SignerInfo');
  fields.take('INTEGER');
  const signerId = readSignerId(fields.any());
  const digestAlgorithm = readAlgorithm(fields.any());
  const signed = fields.take('[0]');
  const signatureAlgorithm = readAlgorithm(fields.any());
  const signature = octetsOf(fields.any(), 'a signature');
  const unsigned = fields.takeIf('[1]');
  fields.end();
  return {
    signerId,
    digestAlgorithm,
    signedAttributes: readAttributes(signed, 'signed attributes'),
    // RFC 5652 5.4: the signature is over the SET OF, not over the context tag that is transmitted.
    signedBytes: Buffer.concat([Buffer.from([SET_OF]), signed.raw.subarray(1)]),
    signatureAlgorithm,
    signature,
    unsignedAttributes: unsigned === null ? new Map() : readAttributes(unsigned, 'unsigned attributes'),
  };
}

function readSignerId(value: Asn1): SignerId {
  if (value.type === '[0]' && !value.isConstructed) return { subjectKeyIdentifier: value.content };
  const fields = new Fields(value, 'IssuerAndSerialNumber');
  const issuer = fields.take('SEQUENCE').raw;
  const serial = fields.take('INTEGER').content;
  fields.end();
  return { issuer, serial };
}

function readAttributes(list: Asn1, what: string): ReadonlyMap<string, readonly Asn1[]> {
  const attributes = new Map<string, readonly Asn1[]>();
  for (const item of list.children) {
    const fields = new Fields(item, what);
    const type = oidOf(fields.any(), what);
    const values = fields.take('SET').children;
    fields.end();
    if (attributes.has(type)) throw malformed(`${what}: ${type} appears twice`);
    attributes.set(type, values);
  }
  return attributes;
}

/** The one value of an attribute that must be there. */
export function requireAttribute(signer: SignerInfo, type: string, what: string): Asn1 {
  const [value, ...others] = signer.signedAttributes.get(type) ?? [];
  if (value === undefined || others.length > 0) throw malformed(`exactly one ${what} attribute expected`);
  return value;
}

export function findSigner(signer: SignerInfo, certificates: readonly Certificate[]): Certificate {
  const { signerId } = signer;
  const found = certificates.find((certificate) =>
    'issuer' in signerId
      ? certificate.issuer.equals(signerId.issuer) && certificate.serial.equals(signerId.serial)
      : certificate.extensions.subjectKeyIdentifier?.equals(signerId.subjectKeyIdentifier) === true,
  );
  if (found === undefined) throw malformed("the signer's certificate is not with the signature");
  return found;
}

/** The attribute's own octets, for a certificate identifier or a digest. */
export function attributeOctets(signer: SignerInfo, type: string, what: string): Buffer {
  return octetsOf(requireType(requireAttribute(signer, type, what), 'OCTET STRING', what), what);
}

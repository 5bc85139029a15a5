import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import {
  bitString,
  certificateTime,
  context,
  integer,
  nothing,
  objectIdentifier,
  sequence,
  unsignedInteger,
} from '../formats/der.js';
import { OID } from '../formats/object-identifiers.js';
import {
  authorityExtensions,
  type CertificateUsage,
  keyIdentifierExtensions,
  leafExtensions,
} from './extensions.js';
import {
  type CertifiedKey,
  certificateDer,
  certificateParts,
  certificatePem,
  exportKey,
} from './identity.js';
import { writeName } from './name.js';

const DAY_MS = 86_400_000;
/** Clocks differ: a fresh certificate is valid for others too. */
const BACKDATED_MS = 3_600_000;
const FIVE_YEARS_DAYS = 5 * 365;
const TWENTY_YEARS_DAYS = 20 * 365;

export interface LeafRequest {
  /** `CN=..., O=..., C=..`, or a common name alone. */
  readonly subject: string;
  readonly usage: CertificateUsage;
  /** SubjectAltName: host names and IPv4 addresses. */
  readonly hosts?: readonly string[];
  /** The key to certify; absent: a new one. Many test certificates need many names and no more than one key. */
  readonly privateKey?: KeyObject;
  readonly days: number;
  readonly now?: Date;
}

/** A certificate authority with a new RSA key: a root, or below `issuer`. */
export function createAuthority(
  subject: string,
  options: { readonly days?: number; readonly now?: Date; readonly issuer?: CertifiedKey } = {},
): CertifiedKey {
  return certify({
    subject,
    keyBits: 3072,
    extensions: authorityExtensions(),
    issuer: options.issuer ?? null,
    days: options.days ?? TWENTY_YEARS_DAYS,
    now: options.now ?? new Date(),
  });
}

/** A certificate for one purpose, with a new RSA key unless one is given: 3072 bits where signatures are to last, 2048 for TLS. */
export function issueCertificate(authority: CertifiedKey, request: LeafRequest): CertifiedKey {
  const { subject, usage, hosts = [], privateKey, days, now = new Date() } = request;
  return certify({
    subject,
    ...(privateKey && { privateKey }),
    keyBits: usage === 'serverAuth' || usage === 'clientAuth' ? 2048 : 3072,
    extensions: leafExtensions(usage, hosts),
    issuer: authority,
    days,
    now,
  });
}

/** As WSUS makes its own: one certificate that is its own root and signs code. */
export function createSelfSignedCodeSigning(request: {
  readonly subject: string;
  readonly days?: number;
  readonly now?: Date;
}): CertifiedKey {
  return certify({
    subject: request.subject,
    keyBits: 3072,
    extensions: leafExtensions('codeSigning', []),
    issuer: null,
    days: request.days ?? FIVE_YEARS_DAYS,
    now: request.now ?? new Date(),
  });
}

interface Certification {
  readonly subject: string;
  readonly privateKey?: KeyObject;
  /** Of a new key. */
  readonly keyBits: number;
  readonly extensions: readonly Buffer[];
  /** Null: it signs itself. */
  readonly issuer: CertifiedKey | null;
  readonly days: number;
  readonly now: Date;
}

function certify(request: Certification): CertifiedKey {
  const { issuer } = request;
  const subject = writeName(request.subject);
  const privateKey =
    request.privateKey ?? generateKeyPairSync('rsa', { modulusLength: request.keyBits }).privateKey;
  const publicKey = createPublicKey(privateKey);
  const signingKey = issuer === null ? privateKey : createPrivateKey(issuer.key);
  const tbs = tbsCertificate(request, subject, publicKey.export({ type: 'spki', format: 'der' }));
  const der = sequence(tbs, signatureAlgorithm(), bitString(sign('sha256', tbs, signingKey)));
  return {
    certificate: certificatePem(der),
    key: exportKey(privateKey),
    chain: issuer === null ? [] : [issuer.certificate, ...issuer.chain],
  };
}

/** RFC 5280 4.1.2, version 3. */
function tbsCertificate(request: Certification, subject: Buffer, publicKey: Buffer): Buffer {
  const issuer =
    request.issuer === null ? null : certificateParts(certificateDer(request.issuer.certificate));
  const from = new Date(request.now.getTime() - BACKDATED_MS);
  const until = new Date(request.now.getTime() + request.days * DAY_MS);
  const extensions = [
    ...request.extensions,
    ...keyIdentifierExtensions(publicKey, issuer?.publicKey ?? publicKey),
  ];
  return sequence(
    context(0, integer(2)),
    unsignedInteger(randomBytes(16)),
    signatureAlgorithm(),
    issuer?.subject ?? subject,
    sequence(certificateTime(from), certificateTime(until)),
    subject,
    publicKey,
    context(3, sequence(...extensions)),
  );
}

function signatureAlgorithm(): Buffer {
  return sequence(objectIdentifier(OID.sha256WithRSAEncryption), nothing());
}

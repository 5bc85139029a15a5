import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SignatureScheme } from './algorithm.js';
import type { Certificate } from './certificate.js';
import { malformed, Rejection } from './rejection.js';

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;
/** Named curves only: parameters of one's own choice would let anyone make a key for a trusted certificate. */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Whether the signature is by the certificate's key. Throws Rejection for keys that are weak or unreadable. */
export function isSignedBy(
  certificate: Certificate,
  scheme: SignatureScheme,
  data: Buffer,
  signature: Buffer,
): boolean {
  const key = publicKeyOf(certificate);
  const type = key.asymmetricKeyType;
  const fits =
    scheme.kind === 'ecdsa'
      ? type === 'ec'
      : type === 'rsa' || (type === 'rsa-pss' && scheme.kind === 'rsa-pss');
  if (!fits) return false;
  try {
    if (scheme.kind !== 'rsa-pss') return verify(scheme.digest, data, key, signature);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(scheme.digest, data, { key, padding, saltLength: scheme.saltLength }, signature);
  } catch {
    // OpenSSL throws for a signature that cannot belong to the key at all.
    return false;
  }
}

export function publicKeyOf(certificate: Certificate): KeyObject {
  const key = readKey(certificate);
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'rsa-pss') {
    if (modulusLength < MIN_RSA_BITS || modulusLength > MAX_RSA_BITS || publicExponent < 3n)
      throw weak(certificate, `an RSA key of ${modulusLength} bits`);
  } else if (type !== 'ec' || !CURVES.has(namedCurve)) {
    throw weak(certificate, `a key of type ${type ?? 'unknown'} ${namedCurve}`.trimEnd());
  }
  return key;
}

function readKey(certificate: Certificate): KeyObject {
  try {
    return createPublicKey({ key: certificate.publicKeyInfo, format: 'der', type: 'spki' });
  } catch {
    throw malformed(`the key of "${certificate.subjectText}" cannot be read`);
  }
}

function weak(certificate: Certificate, what: string): Rejection {
  return new Rejection('weak-algorithm', `"${certificate.subjectText}" has ${what}`);
}

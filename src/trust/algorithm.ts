import type { Asn1 } from './asn1.js';
import { Fields, oidOf, onlyChild, smallIntegerOf } from './fields.js';
import { malformed, Rejection } from './rejection.js';

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Asn1 | null;
}

export type DigestName = 'sha256' | 'sha384' | 'sha512';

/** How a signature is to be checked; the hash comes from the signature's own algorithm where that names one. */
export interface SignatureScheme {
  readonly kind: 'rsa' | 'rsa-pss' | 'ecdsa';
  readonly digest: DigestName;
  /** RSA-PSS only. */
  readonly saltLength: number;
}

const DIGESTS: Readonly<Record<string, DigestName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const WEAK: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.2': 'MD2',
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.3.14.3.2.29': 'RSA with SHA-1',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
};
const SCHEMES: Readonly<Record<string, Pick<SignatureScheme, 'kind' | 'digest'>>> = {
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { kind: 'ecdsa', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ecdsa', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ecdsa', digest: 'sha512' },
};
/** In a SignerInfo the key's own identifier may stand for the algorithm; the hash is the signer's digest then. */
const KEY_KINDS: Readonly<Record<string, 'rsa' | 'ecdsa'>> = {
  '1.2.840.113549.1.1.1': 'rsa',
  '1.2.840.10045.2.1': 'ecdsa',
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const SHA1_DEFAULT = 'SHA-1 as the default of RSA-PSS';

export function readAlgorithm(value: Asn1): AlgorithmIdentifier {
  const fields = new Fields(value, 'an algorithm');
  const oid = oidOf(fields.any(), 'an algorithm');
  const parameters = fields.anyIf();
  fields.end();
  return { oid, parameters };
}

/** Throws Rejection `weak-algorithm`, also for what is not known to be strong. */
export function digestNameOf({ oid }: AlgorithmIdentifier): DigestName {
  const name = DIGESTS[oid];
  if (name === undefined) throw weak(WEAK[oid] ?? `the digest algorithm ${oid}`);
  return name;
}

/** `signerDigest`: of the SignerInfo, which must agree; null for certificates. */
export function schemeOf(algorithm: AlgorithmIdentifier, signerDigest: DigestName | null): SignatureScheme {
  const { oid } = algorithm;
  const keyKind = KEY_KINDS[oid];
  if (keyKind !== undefined && signerDigest !== null)
    return { kind: keyKind, digest: signerDigest, saltLength: 0 };
  const scheme = oid === RSASSA_PSS ? pssScheme(algorithm) : { ...SCHEMES[oid], saltLength: 0 };
  const { kind, digest, saltLength } = scheme;
  if (kind === undefined || digest === undefined) throw weak(WEAK[oid] ?? `the signature algorithm ${oid}`);
  if (signerDigest !== null && digest !== signerDigest)
    throw malformed(`a signature over ${digest} with a digest of ${signerDigest}`);
  return { kind, digest, saltLength };
}

/** RFC 4055 3.1. Absent members mean SHA-1, so all of them must be there. */
function pssScheme({ parameters }: AlgorithmIdentifier): SignatureScheme {
  if (parameters === null) throw weak(SHA1_DEFAULT);
  const fields = new Fields(parameters, 'parameters of RSA-PSS');
  const hash = fields.takeIf('[0]');
  const mask = fields.takeIf('[1]');
  const salt = fields.takeIf('[2]');
  if (hash === null || mask === null) throw weak(SHA1_DEFAULT);
  const digest = digestNameOf(readAlgorithm(onlyChild(hash, 'the hash of RSA-PSS')));
  const generator = readAlgorithm(onlyChild(mask, 'the mask of RSA-PSS'));
  const maskDigest = generator.parameters === null ? null : digestNameOf(readAlgorithm(generator.parameters));
  if (generator.oid !== MGF1 || maskDigest !== digest)
    throw malformed('RSA-PSS with a mask of another digest');
  const saltLength = salt === null ? 20 : smallIntegerOf(onlyChild(salt, 'the salt of RSA-PSS'), 'the salt');
  if (saltLength < 0 || saltLength > 512) throw malformed('RSA-PSS with an impossible salt');
  return { kind: 'rsa-pss', digest, saltLength };
}

function weak(what: string): Rejection {
  return new Rejection('weak-algorithm', `${what} is not strong enough`);
}

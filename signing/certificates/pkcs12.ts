import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { PermanentError, printable } from '../../src/core/errors.js';
import { type CertifiedKey, exportKey } from './identity.js';

const MAX_BYTES = 1 << 20;
const MAX_CHAIN = 10;

/**
 * The key, its certificate and the issuers in a PKCS#12 file (.p12, .pfx). PermanentError `configuration.invalid` for
 * another password, another kind of key than RSA, a key without its certificate.
 */
export function openPkcs12(bytes: Uint8Array, password: string): CertifiedKey {
  if (bytes.length > MAX_BYTES) throw unusable(`at most ${MAX_BYTES} bytes`, `${bytes.length} bytes`);
  const { keys, certificates } = readBags(bytes, password);
  for (const key of keys) {
    const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (own === undefined) continue;
    return { certificate: own.toString(), key: exportKey(key), chain: issuersOf(own, certificates) };
  }
  throw unusable(
    'an RSA key and its certificate',
    `${keys.length} keys, ${certificates.length} certificates`,
  );
}

function readBags(
  bytes: Uint8Array,
  password: string,
): { readonly keys: readonly KeyObject[]; readonly certificates: readonly X509Certificate[] } {
  try {
    const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1')));
    const bags = forge.pkcs12.pkcs12FromAsn1(asn1, password).safeContents.flatMap(({ safeBags }) => safeBags);
    return {
      keys: bags.flatMap(({ key }) => (key ? [keyOf(key)] : [])),
      certificates: bags.flatMap(({ cert }) => (cert ? [certificateOf(cert)] : [])),
    };
  } catch (cause) {
    const found = cause instanceof Error ? printable(cause.message) : 'something else';
    throw unusable('a PKCS#12 file and its password', found, cause);
  }
}

function keyOf(key: forge.pki.rsa.PrivateKey): KeyObject {
  return createPrivateKey(forge.pki.privateKeyToPem(key));
}

function certificateOf(certificate: forge.pki.Certificate): X509Certificate {
  return new X509Certificate(forge.pki.certificateToPem(certificate));
}

/** Nearest first, as far as the file has them; a certificate that signed itself ends it. */
function issuersOf(certificate: X509Certificate, candidates: readonly X509Certificate[]): readonly string[] {
  const chain: string[] = [];
  let current = certificate;
  while (chain.length < MAX_CHAIN && !current.checkIssued(current)) {
    const last = current;
    const issuer = candidates.find(
      (candidate) => last.checkIssued(candidate) && last.verify(candidate.publicKey),
    );
    if (issuer === undefined) break;
    chain.push(issuer.toString());
    current = issuer;
  }
  return chain;
}

function unusable(expected: string, found: string, cause?: unknown): PermanentError {
  return new PermanentError('configuration.invalid', 'the PKCS#12 file cannot be used', {
    expected,
    found,
    nextStep: 'export key and certificate again and check the password, which must be ASCII',
    cause,
  });
}

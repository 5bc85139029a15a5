import { createPrivateKey, X509Certificate } from 'node:crypto';
import { PermanentError } from '../../src/core/errors.js';
import { type CertifiedKey, certificateDer } from '../certificates/identity.js';
import { OID } from '../formats/object-identifiers.js';
import type { CmsSigner } from '../formats/signed-data.js';

const MIN_RSA_BITS = 2048;

/**
 * The signer of a certificate for code. Roots are not sent along: whoever trusts them has them. PermanentError
 * `configuration.invalid` for a key that Windows would not accept or that is not the certificate's.
 */
export function codeSigner(identity: CertifiedKey): CmsSigner {
  const certificate = new X509Certificate(identity.certificate);
  const privateKey = createPrivateKey(identity.key);
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < MIN_RSA_BITS) {
    throw unusable(`RSA of ${MIN_RSA_BITS} bits or more`, `${privateKey.asymmetricKeyType} ${bits}`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw unusable("the certificate's own private key", 'another key');
  }
  if (!(certificate.keyUsage ?? []).includes(OID.codeSigning)) {
    throw unusable('the extended key usage codeSigning', (certificate.keyUsage ?? []).join(' ') || 'none');
  }
  return {
    privateKey,
    certificate: certificate.raw,
    issuers: identity.chain.filter((pem) => !isRoot(pem)).map(certificateDer),
  };
}

function isRoot(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate);
}

function unusable(expected: string, found: string): PermanentError {
  return new PermanentError('configuration.invalid', 'the certificate cannot sign code', {
    expected,
    found,
    nextStep: 'give the signer an RSA certificate for code signing with its key',
  });
}

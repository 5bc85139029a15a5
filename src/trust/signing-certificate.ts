import { createHash } from 'node:crypto';
import { type DigestName, digestNameOf, readAlgorithm } from './algorithm.js';
import type { Asn1 } from './asn1.js';
import type { Certificate } from './certificate.js';
import { Fields, octetsOf } from './fields.js';
import { OID } from './oids.js';
import { malformed, Rejection } from './rejection.js';
import type { SignerInfo } from './signed-data.js';

/** Names a certificate only, next to a signature that its key made: SHA-1 is what the first version always has. */
type IdentifierDigest = DigestName | 'sha1';

/**
 * RFC 3161 2.4.1: the token says which certificate it was signed with (ESSCertID, RFC 2634 5.4, or ESSCertIDv2,
 * RFC 5035), so that another certificate for the same key cannot be put in its place. Some authorities leave it out.
 */
export function requireSigningCertificate(signer: SignerInfo, certificate: Certificate): void {
  for (const type of [OID.signingCertificate, OID.signingCertificateV2]) {
    const values = signer.signedAttributes.get(type);
    if (values === undefined) continue;
    const [value, ...others] = values;
    if (value === undefined || others.length > 0)
      throw malformed('one signingCertificate attribute expected');
    const { digest, hash } = readFirstId(value, type);
    if (!createHash(digest).update(certificate.raw).digest().equals(hash))
      throw new Rejection('signature-mismatch', 'the token was signed with another certificate');
  }
}

function readFirstId(value: Asn1, type: string): { digest: IdentifierDigest; hash: Buffer } {
  const attribute = new Fields(value, 'SigningCertificate');
  const first = new Fields(attribute.take('SEQUENCE'), 'SigningCertificate').take('SEQUENCE');
  const fields = new Fields(first, 'ESSCertID');
  if (type === OID.signingCertificate) return { digest: 'sha1', hash: octetsOf(fields.any(), 'ESSCertID') };
  const algorithm = fields.takeIf('SEQUENCE');
  const digest = algorithm === null ? 'sha256' : digestNameOf(readAlgorithm(algorithm));
  return { digest, hash: octetsOf(fields.any(), 'ESSCertIDv2') };
}

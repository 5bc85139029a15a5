import { createHash } from 'node:crypto';
import { digestNameOf, schemeOf } from './algorithm.js';
import type { Certificate } from './certificate.js';
import { oidOf } from './fields.js';
import { OID } from './oids.js';
import { isSignedBy } from './public-key.js';
import { Rejection } from './rejection.js';
import { attributeOctets, findSigner, requireAttribute, type SignerInfo } from './signed-data.js';

/**
 * RFC 5652 5.4 and 5.6: the attributes name the content and its digest, and the signer's key signed the attributes.
 * Returns the signer's certificate, which nothing is yet known about. Throws Rejection.
 */
export function checkSignerInfo(
  signer: SignerInfo,
  certificates: readonly Certificate[],
  content: { readonly type: string; readonly octets: Buffer },
): Certificate {
  const type = oidOf(requireAttribute(signer, OID.contentType, 'contentType'), 'contentType');
  const digest = digestNameOf(signer.digestAlgorithm);
  const expected = createHash(digest).update(content.octets).digest();
  if (type !== content.type || !attributeOctets(signer, OID.messageDigest, 'messageDigest').equals(expected))
    throw new Rejection('signature-mismatch', 'the signed attributes are not about this content');
  const certificate = findSigner(signer, certificates);
  const scheme = schemeOf(signer.signatureAlgorithm, digest);
  if (!isSignedBy(certificate, scheme, signer.signedBytes, signer.signature))
    throw new Rejection('signature-mismatch', `not signed with the key of "${certificate.subjectText}"`);
  return certificate;
}

import { type DigestName, digestNameOf, readAlgorithm } from './algorithm.js';
import type { Asn1 } from './asn1.js';
import { Fields, octetsOf, oidOf } from './fields.js';
import { malformed } from './rejection.js';

/** SpcIndirectDataContent: the digest that the signature vouches for, and what kind of file it is of. */
export interface IndirectData {
  readonly dataType: string;
  readonly digestAlgorithm: DigestName;
  readonly digest: Buffer;
}

/** Throws Rejection `malformed`, or `weak-algorithm` for a digest of SHA-1 or MD5. */
export function readIndirectData(content: Asn1): IndirectData {
  const fields = new Fields(content, 'SpcIndirectDataContent');
  const data = new Fields(fields.take('SEQUENCE'), 'SpcAttributeTypeAndOptionalValue');
  const dataType = oidOf(data.any(), 'SpcAttributeTypeAndOptionalValue');
  const info = new Fields(fields.take('SEQUENCE'), 'DigestInfo');
  fields.end();
  const digestAlgorithm = digestNameOf(readAlgorithm(info.any()));
  const digest = octetsOf(info.any(), 'DigestInfo');
  info.end();
  if (digest.length === 0) throw malformed('DigestInfo without a digest');
  return { dataType, digestAlgorithm, digest };
}

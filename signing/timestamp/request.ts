import { createHash } from 'node:crypto';
import { boolean, integer, octetString, sequence, unsignedInteger } from '../formats/der.js';
import { sha256Algorithm } from '../formats/signed-data.js';

export interface TimestampRequest {
  /** TimeStampReq, encoded. */
  readonly der: Buffer;
  /** MessageImprint and nonce as they must come back, encoded. */
  readonly messageImprint: Buffer;
  readonly nonce: Buffer;
}

/** RFC 3161 2.4.1: imprint of the SignerInfo's signature octets, a nonce, and the authority's certificates wanted. */
export function writeTimestampRequest(signature: Uint8Array, nonceBytes: Uint8Array): TimestampRequest {
  const digest = createHash('sha256').update(signature).digest();
  const messageImprint = sequence(sha256Algorithm(), octetString(digest));
  const nonce = unsignedInteger(nonceBytes);
  return { der: sequence(integer(1), messageImprint, nonce, boolean(true)), messageImprint, nonce };
}

import type { Asn1 } from './asn1.js';
import { OID } from './oids.js';
import { malformed, Rejection } from './rejection.js';
import type { SignedData } from './signed-data.js';
import { checkCountersignature, checkToken, type Timestamp, type TimestampTrust } from './timestamp.js';

/**
 * The timestamp of a signature, or null. No signature covers these attributes, so nothing but one timestamp may be
 * there: a timestamp that does not verify is worse than none, and anything else is a place to hide data or a second
 * signer.
 */
export function findTimestamp(signed: SignedData, trust: TimestampTrust): Timestamp | null {
  const { unsignedAttributes } = signed.signer;
  const found: { readonly type: string; readonly value: Asn1 }[] = [];
  for (const [type, values] of unsignedAttributes) {
    if (type === OID.nestedSignature) throw malformed('a nested signature, exactly one signature expected');
    if (type !== OID.rfc3161Timestamp && type !== OID.countersignature)
      throw new Rejection('trailing-data', `an unsigned attribute (${type}) that no signature covers`);
    found.push(...values.map((value) => ({ type, value })));
  }
  const [only, ...others] = found;
  if (only === undefined) return null;
  if (others.length > 0) throw new Rejection('timestamp-invalid', `${found.length} timestamps, one expected`);
  return asTimestampFault(() =>
    only.type === OID.rfc3161Timestamp
      ? checkToken(only.value, signed.signer.signature, trust)
      : checkCountersignature(only.value, signed.signer.signature, signed.certificates, trust),
  );
}

/** Whatever is wrong with a timestamp is the timestamp's fault, not the signer's. */
function asTimestampFault(check: () => Timestamp): Timestamp {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const detail = error.reason === 'timestamp-invalid' ? error.detail : `${error.reason}: ${error.detail}`;
    throw new Rejection('timestamp-invalid', detail);
  }
}

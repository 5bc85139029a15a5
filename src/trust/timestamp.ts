import { createHash } from 'node:crypto';
import { PermanentError, printable } from '../core/errors.js';
import { digestNameOf, readAlgorithm } from './algorithm.js';
import { type Asn1, parseAsn1 } from './asn1.js';
import type { Certificate } from './certificate.js';
import { requireChain } from './chain.js';
import { Fields, octetsOf, smallIntegerOf, timeOf } from './fields.js';
import { OID } from './oids.js';
import { Rejection } from './rejection.js';
import { readSignedData, readSignerInfo, requireAttribute } from './signed-data.js';
import { checkSignerInfo } from './signer-info.js';
import { requireSigningCertificate } from './signing-certificate.js';

export interface Timestamp {
  readonly time: Date;
  /** The timestamp authority's certificate, chained to a root. */
  readonly authority: Certificate;
}

export interface TimestampTrust {
  readonly roots: readonly Uint8Array[];
  readonly now: Date;
}

/** Clocks of authority and verifier are not the same one. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Checks an RFC 3161 token over the signature octets of a SignerInfo: imprint, signature, the authority's chain at the
 * time it states. Throws PermanentError `signature.malformed`.
 */
export async function verifyTimestamp(
  token: Uint8Array,
  signatureValue: Uint8Array,
  roots: readonly Uint8Array[],
  now: Date,
): Promise<{ readonly time: string; readonly authority: string }> {
  try {
    const value = parseAsn1(token, 'a timestamp token');
    return describeTimestamp(checkToken(value, signatureValue, { roots, now }));
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw new PermanentError('signature.malformed', 'the timestamp is not valid', {
      expected: 'an RFC 3161 token over this signature by a trusted authority',
      found: printable(`${error.reason}: ${error.detail}`),
      nextStep: 'check the timestamp authority and its roots',
      cause: error,
    });
  }
}

export function describeTimestamp({ time, authority }: Timestamp): { time: string; authority: string } {
  return { time: time.toISOString(), authority: authority.subjectText };
}

/** RFC 3161 2.4.2. Throws Rejection. */
export function checkToken(token: Asn1, signatureValue: Uint8Array, trust: TimestampTrust): Timestamp {
  const { contentType, content, certificates, signer } = readSignedData(token);
  if (contentType !== OID.tstInfo) throw invalid(`it holds ${contentType}, TSTInfo expected`);
  const octets = octetsOf(content, 'TSTInfo');
  const time = readTstInfo(parseAsn1(octets, 'TSTInfo'), signatureValue);
  const authority = checkSignerInfo(signer, certificates, { type: OID.tstInfo, octets });
  requireSigningCertificate(signer, authority);
  requireAuthority(authority, certificates, time, trust);
  return { time, authority };
}

/** The time, once the imprint is known to be of this signature. */
function readTstInfo(value: Asn1, signatureValue: Uint8Array): Date {
  const fields = new Fields(value, 'TSTInfo');
  const version = smallIntegerOf(fields.any(), "TSTInfo's version");
  if (version !== 1) throw invalid(`version ${version} of TSTInfo`);
  fields.take('OBJECT IDENTIFIER');
  const imprint = new Fields(fields.take('SEQUENCE'), 'MessageImprint');
  const digest = digestNameOf(readAlgorithm(imprint.any()));
  const hashed = octetsOf(imprint.any(), 'MessageImprint');
  imprint.end();
  if (!createHash(digest).update(signatureValue).digest().equals(hashed))
    throw invalid('it is of another signature');
  fields.take('INTEGER');
  return timeOf(fields.take('GeneralizedTime'), "TSTInfo's time");
}

/** The countersignature of PKCS #9, which Authenticode used before RFC 3161: a SignerInfo over the signature octets. */
export function checkCountersignature(
  value: Asn1,
  signatureValue: Buffer,
  certificates: readonly Certificate[],
  trust: TimestampTrust,
): Timestamp {
  const signer = readSignerInfo(value);
  const authority = checkSignerInfo(signer, certificates, { type: OID.data, octets: signatureValue });
  const time = timeOf(requireAttribute(signer, OID.signingTime, 'signingTime'), 'signingTime');
  requireAuthority(authority, certificates, time, trust);
  return { time, authority };
}

function requireAuthority(
  leaf: Certificate,
  pool: readonly Certificate[],
  time: Date,
  trust: TimestampTrust,
): void {
  if (time.getTime() > trust.now.getTime() + CLOCK_SKEW_MS)
    throw invalid(`it is from the future: ${time.toISOString()}`);
  requireChain({ leaf, pool, roots: trust.roots, purpose: OID.timeStamping, at: time });
}

function invalid(detail: string): Rejection {
  return new Rejection('timestamp-invalid', detail);
}

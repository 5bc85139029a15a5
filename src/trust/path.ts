import type { Certificate } from './certificate.js';
import { KEY_USAGE } from './extensions.js';
import { OID } from './oids.js';
import { publicKeyOf } from './public-key.js';
import { Rejection } from './rejection.js';

/** What a chain is to be used for, and when. */
export interface PathUse {
  readonly purpose: string;
  readonly at: Date;
}

/** A chain from the leaf to a trusted root, each signed by the next: whether it may be used so. Throws Rejection. */
export function requireUsable(path: readonly Certificate[], use: PathUse): void {
  path.forEach((certificate, index) => {
    requireStrongKey(certificate);
    requireValidAt(certificate, use.at);
    requireUnderstood(certificate);
    if (index === 0) requireLeaf(certificate, use.purpose);
    else requireAuthority(certificate, path.slice(1, index), use.purpose);
  });
}

function requireStrongKey(certificate: Certificate): void {
  publicKeyOf(certificate);
}

function requireValidAt({ notBefore, notAfter, subjectText }: Certificate, at: Date): void {
  if (at >= notBefore && at <= notAfter) return;
  const span = `${notBefore.toISOString()} to ${notAfter.toISOString()}`;
  throw new Rejection('expired', `"${subjectText}" is valid from ${span}, not on ${at.toISOString()}`);
}

function requireUnderstood({ extensions, subjectText }: Certificate): void {
  if (extensions.unknownCritical.length === 0) return;
  const oids = extensions.unknownCritical.join(', ');
  throw wrongUsage(subjectText, `has a critical extension that is not understood: ${oids}`);
}

/** The purpose must be said: a certificate without extended key usage was not issued for signing code. */
function requireLeaf({ extensions, subjectText }: Certificate, purpose: string): void {
  const { keyUsage, extKeyUsage } = extensions;
  if (keyUsage !== null && (keyUsage & KEY_USAGE.digitalSignature) === 0)
    throw wrongUsage(subjectText, 'is not for digital signatures');
  if (extKeyUsage?.purposes.includes(purpose) !== true)
    throw wrongUsage(subjectText, `is not for ${PURPOSE_NAMES[purpose] ?? purpose}`);
  // RFC 3161 2.3: the only purpose, and critical.
  if (purpose === OID.timeStamping && (extKeyUsage.purposes.length !== 1 || !extKeyUsage.isCritical))
    throw wrongUsage(subjectText, 'is not for timestamps alone');
}

/** RFC 5280 4.2.1.9 and 6.1.4; an authority's own purposes, where it names any, limit what it issues for. */
function requireAuthority(
  { extensions, subjectText }: Certificate,
  between: readonly Certificate[],
  purpose: string,
): void {
  const { basicConstraints, keyUsage, extKeyUsage } = extensions;
  if (basicConstraints?.isAuthority !== true) throw wrongUsage(subjectText, 'is no certification authority');
  const depth = between.filter(({ issuer, subject }) => !issuer.equals(subject)).length;
  const { pathLength } = basicConstraints;
  if (pathLength !== null && depth > pathLength)
    throw wrongUsage(subjectText, `allows ${pathLength} authorities below it, there are ${depth}`);
  if (keyUsage !== null && (keyUsage & KEY_USAGE.keyCertSign) === 0)
    throw wrongUsage(subjectText, 'may not sign certificates');
  const purposes = extKeyUsage?.purposes ?? [purpose];
  if (!purposes.includes(purpose) && !purposes.includes(OID.anyExtendedKeyUsage))
    throw wrongUsage(subjectText, `may not issue for ${PURPOSE_NAMES[purpose] ?? purpose}`);
}

const PURPOSE_NAMES: Readonly<Record<string, string>> = {
  [OID.codeSigning]: 'code signing',
  [OID.timeStamping]: 'timestamps',
};

function wrongUsage(subject: string, what: string): Rejection {
  return new Rejection('wrong-usage', `"${subject}" ${what}`);
}

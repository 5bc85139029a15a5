import { schemeOf } from './algorithm.js';
import { type Certificate, readCertificate } from './certificate.js';
import { requireUsable } from './path.js';
import { isSignedBy } from './public-key.js';
import { Rejection } from './rejection.js';

export interface ChainRequest {
  readonly leaf: Certificate;
  /** Certificates that came with the signature, in no order, possibly hostile. */
  readonly pool: readonly Certificate[];
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** Object identifier of the extended key usage. */
  readonly purpose: string;
  /** All certificates must be valid then. */
  readonly at: Date;
}

/** Real chains have 2 to 5. */
const MAX_CHAIN = 8;
/** Signature checks in one search: certificates that all claim each other's names cannot make it explode. */
const MAX_CHECKS = 64;

interface Search extends ChainRequest {
  checksLeft: number;
  /** Why the first chain that reached a root was not good enough; else why none did. */
  fault: Rejection | null;
}

/**
 * The chain from the leaf to one of the roots (RFC 5280 6.1, without policies and revocation). Throws Rejection
 * `untrusted-root`, or the reason why a chain that does reach a root cannot be used.
 */
export function requireChain(request: ChainRequest): readonly Certificate[] {
  const search: Search = { ...request, checksLeft: MAX_CHECKS, fault: null };
  const chain = extend([request.leaf], search);
  if (chain !== null) return chain;
  throw (
    search.fault ?? new Rejection('untrusted-root', `no trusted root above "${request.leaf.subjectText}"`)
  );
}

function extend(path: readonly Certificate[], search: Search): readonly Certificate[] | null {
  const last = path.at(-1);
  if (last === undefined) return null;
  if (isRoot(last, search.roots)) return attempt(search, () => requireUsable(path, search)) ? path : null;
  if (path.length >= MAX_CHAIN) return null;
  for (const issuer of issuersOf(last, search)) {
    if (path.some(({ raw }) => raw.equals(issuer.raw))) continue;
    if (!attempt(search, () => requireIssued(last, issuer, search))) continue;
    const chain = extend([...path, issuer], search);
    if (chain !== null) return chain;
  }
  return null;
}

/** Remembers the fault that tells most; the search goes on, another way up may be good. */
function attempt(search: Search, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (search.fault === null || search.fault.reason === 'untrusted-root') search.fault = error;
    return false;
  }
}

function requireIssued(certificate: Certificate, issuer: Certificate, search: Search): void {
  if (search.checksLeft === 0)
    throw new Rejection('untrusted-root', `no trusted root found within ${MAX_CHECKS} signature checks`);
  search.checksLeft -= 1;
  const scheme = schemeOf(certificate.signatureAlgorithm, null);
  if (!isSignedBy(issuer, scheme, certificate.tbs, certificate.signature))
    throw new Rejection('untrusted-root', `"${certificate.subjectText}" was not signed by its issuer`);
}

function isRoot(certificate: Certificate, roots: readonly Uint8Array[]): boolean {
  return roots.some((der) => certificate.raw.equals(der));
}

/** Roots first. Only those that hold the name at all are decoded: there may be hundreds of them. */
function issuersOf(certificate: Certificate, search: Search): readonly Certificate[] {
  const roots = search.roots
    .filter((der) => Buffer.from(der.buffer, der.byteOffset, der.byteLength).includes(certificate.issuer))
    .map(readCertificate);
  return [...roots, ...search.pool].filter(({ subject }) => subject.equals(certificate.issuer));
}

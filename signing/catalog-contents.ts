import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { ByteSource } from '../src/core/bytes.js';
import { PermanentError, printable } from '../src/core/errors.js';
import type { Attestation } from '../src/core/records.js';
import { readCabinet } from '../src/formats/cab/index.js';
import { thumbprintOf } from './certificates/index.js';

const MAX_DECODED_BYTES = 1 << 30;
const GUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The members of a v3 catalog (configmgr-catalog 1.1), names as we write them. */
const MEMBER = {
  root: /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.xml$/,
  sdp: new RegExp(`^V2\\\\(${GUID})\\.sdp$`),
  manifest: /^V2\\update_manifest\.json$/,
  category: new RegExp(`^V3\\\\(?:${GUID}|update_categories)\\.json$`),
  certificate: /^ContentCertificates\\([0-9A-F]{40})\.cer$/,
} as const;

/**
 * A catalog is signed only if each update in it is vouched for: every SDP has its attestation with the SHA-256 of
 * these bytes, every attestation its SDP, and nothing else is inside. PermanentError `signer.refused`, or
 * `cabinet.malformed` from the reader.
 */
export function checkCatalogContents(source: ByteSource, attestations: readonly Attestation[]): void {
  const vouched = byPackage(attestations);
  const found = new Set<string>();
  const packageIds: string[] = [];
  let manifest: Buffer | null = null;
  let roots = 0;
  const cabinet = readCabinet(source, { maxDecodedBytes: MAX_DECODED_BYTES });
  for (const { member, bytes } of cabinet.extractAll(MAX_DECODED_BYTES)) {
    requireNew(found, member.name);
    const packageId = MEMBER.sdp.exec(member.name)?.[1];
    const thumbprint = MEMBER.certificate.exec(member.name)?.[1];
    if (packageId !== undefined) {
      requireVouched(vouched.get(packageId), packageId, bytes);
      packageIds.push(packageId);
    } else if (thumbprint !== undefined) requireCertificate(thumbprint, bytes);
    else if (MEMBER.manifest.test(member.name)) manifest = bytes;
    else if (MEMBER.root.test(member.name)) roots += 1;
    else if (!MEMBER.category.test(member.name)) {
      throw refused('only members of a v3 catalog', 'another one', member.name);
    }
  }
  if (roots !== 1) throw refused('one XML file at the root', `${roots}`);
  requireAll(vouched, packageIds);
  requireManifest(manifest, packageIds);
}

function byPackage(attestations: readonly Attestation[]): ReadonlyMap<string, Attestation> {
  const vouched = new Map<string, Attestation>();
  for (const attestation of attestations) {
    if (vouched.has(attestation.packageId)) {
      throw refused('one attestation for a package', 'two', attestation.packageId);
    }
    vouched.set(attestation.packageId, attestation);
  }
  return vouched;
}

/** Readers do not tell case apart: the second would be another file than the one that was checked. */
function requireNew(found: Set<string>, name: string): void {
  const folded = name.replaceAll('/', '\\').toUpperCase();
  if (found.has(folded)) throw refused('each member once', 'a name that comes twice', name);
  found.add(folded);
}

function requireVouched(attestation: Attestation | undefined, packageId: string, sdp: Buffer): void {
  if (attestation === undefined) throw refused('an attestation for each SDP', 'none', packageId);
  const sha256 = createHash('sha256').update(sdp).digest('hex');
  if (sha256 === attestation.sdpSha256) return;
  throw refused(`the SDP that was vouched for, ${attestation.sdpSha256}`, sha256, packageId);
}

function requireAll(vouched: ReadonlyMap<string, Attestation>, packageIds: readonly string[]): void {
  const inside = new Set(packageIds);
  const absent = [...vouched.keys()].find((id) => !inside.has(id));
  if (absent !== undefined) throw refused('an SDP for each attestation', 'none', absent);
}

const Manifest = z.record(z.string(), z.string());

/** `V2\update_manifest.json` lists the packages that are there and no others. */
function requireManifest(bytes: Buffer | null, packageIds: readonly string[]): void {
  const manifest = Manifest.safeParse(jsonOf(bytes));
  const listed = manifest.success ? Object.keys(manifest.data).sort() : null;
  if (listed !== null && listed.join() === [...packageIds].sort().join()) return;
  throw refused('exactly the packages inside', 'others', 'V2\\update_manifest.json');
}

function jsonOf(bytes: Buffer | null): unknown {
  try {
    return bytes === null ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function requireCertificate(thumbprint: string, der: Buffer): void {
  if (thumbprintOf(der) === thumbprint && isCertificate(der)) return;
  throw refused('a DER certificate under its thumbprint', 'something else', thumbprint);
}

function isCertificate(der: Buffer): boolean {
  try {
    return Buffer.from(new X509Certificate(der).raw).equals(der);
  } catch {
    return false;
  }
}

function refused(expected: string, found: string, where?: string): PermanentError {
  return new PermanentError('signer.refused', 'the signer does not sign this cabinet', {
    ...(where === undefined ? {} : { where: printable(where, 300) }),
    expected,
    found,
    nextStep: 'nothing was signed; build the catalog again from the ledger',
  });
}

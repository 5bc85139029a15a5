import type { ByteSource } from '../core/bytes.js';
import { describeFault, PermanentError } from '../core/errors.js';
import type { SignatureReport } from '../core/installer.js';
import type { TrustAnchors } from '../core/ports.js';
import { withFileSource } from '../formats/file-source.js';
import { digestNameOf } from './algorithm.js';
import { parseFirstAsn1 } from './asn1.js';
import { identityOf } from './certificate.js';
import { requireChain } from './chain.js';
import { readIndirectData } from './indirect-data.js';
import { OID } from './oids.js';
import { invalidReport, malformed, Rejection } from './rejection.js';
import { readSignedData, type SignedData } from './signed-data.js';
import { findSignature, type SignedFile } from './signed-file.js';
import { checkSignerInfo } from './signer-info.js';
import { describeTimestamp } from './timestamp.js';
import { findTimestamp } from './unsigned-attributes.js';

/** Containers pad a signature with zeros to a multiple of 8. */
const MAX_PADDING_BYTES = 7;

/**
 * Authenticode: who signed an executable, MSI, MSP or cabinet, and whether that can be relied on at `now`. Whatever the
 * bytes are, the answer is a report; only errors of reading the source are thrown. Revocation is not asked for.
 */
export async function verifySignature(
  source: ByteSource,
  anchors: TrustAnchors,
  now: Date,
): Promise<SignatureReport> {
  return examine(source, anchors, now);
}

/** As `verifySignature`, of a file that is opened for it: synchronous, call it from a thread of its own if it is large. */
export function verifyFileSignature(path: string, anchors: TrustAnchors, now: Date): SignatureReport {
  return withFileSource(path, (source) => examine(source, anchors, now));
}

function examine(source: ByteSource, anchors: TrustAnchors, now: Date): SignatureReport {
  try {
    const file = findSignature(source);
    return file === null ? { status: 'unsigned' } : examineSignature(file, anchors, now);
  } catch (error) {
    if (error instanceof Rejection) return invalidReport(error.reason, error.detail);
    // A container that breaks its format: its signature is worth nothing.
    if (error instanceof PermanentError) return invalidReport('malformed', describeFault(error));
    throw error;
  }
}

function examineSignature(file: SignedFile, anchors: TrustAnchors, now: Date): SignatureReport {
  const signed = readPkcs7(file.pkcs7);
  const { digestAlgorithm } = requireFileDigest(file, signed);
  const { certificates, content, signer } = signed;
  const leaf = checkSignerInfo(signer, certificates, {
    type: OID.spcIndirectData,
    octets: content.content,
  });
  const timestamp = findTimestamp(signed, { roots: anchors.timestampRoots, now });
  const isLifetimeSigner = leaf.extensions.extKeyUsage?.purposes.includes(OID.lifetimeSigning) === true;
  requireChain({
    leaf,
    pool: certificates,
    roots: anchors.codeSigningRoots,
    purpose: OID.codeSigning,
    at: timestamp === null || isLifetimeSigner ? now : timestamp.time,
  });
  return {
    status: 'valid',
    signer: identityOf(leaf),
    digestAlgorithm,
    timestamp: timestamp === null ? null : describeTimestamp(timestamp),
  };
}

function readPkcs7(bytes: Buffer): SignedData {
  const { value, rest } = parseFirstAsn1(bytes, 'the signature');
  if (rest.length > MAX_PADDING_BYTES || rest.some((octet) => octet !== 0))
    throw new Rejection('trailing-data', `${rest.length} bytes behind the signature`);
  const signed = readSignedData(value);
  if (signed.contentType !== OID.spcIndirectData)
    throw malformed(`a signature over ${signed.contentType}, SpcIndirectDataContent expected`);
  return signed;
}

/** The digest that was signed is the file's own. */
function requireFileDigest(file: SignedFile, { content, signer }: SignedData) {
  const indirect = readIndirectData(content);
  if (!file.dataTypes.includes(indirect.dataType))
    throw malformed(`the signature is for another kind of file (${indirect.dataType})`);
  if (digestNameOf(signer.digestAlgorithm) !== indirect.digestAlgorithm)
    throw malformed('file and attributes are digested with different algorithms');
  if (!file.digest(indirect.digestAlgorithm).equals(indirect.digest))
    throw new Rejection('digest-mismatch', 'the file is not the one that was signed');
  return indirect;
}

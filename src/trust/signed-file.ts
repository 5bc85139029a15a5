import { createHash } from 'node:crypto';
import type { ByteSource } from '../core/bytes.js';
import { type ByteRange, readRanges } from '../formats/byte-reader.js';
import { cabAuthenticodeRanges, hasSignatureReserve } from '../formats/cab/index.js';
import {
  CFB_MAGIC,
  msiDigestStreams,
  msiMetadataPieces,
  msiSignature,
  openCompoundFile,
} from '../formats/cfb/index.js';
import { peAuthenticodeRanges } from '../formats/pe/index.js';
import type { DigestName } from './algorithm.js';
import { OID } from './oids.js';
import { malformed, Rejection } from './rejection.js';

/** A file's signature and what it must be about. */
export interface SignedFile {
  /** PKCS#7, with the padding that the container allows. */
  readonly pkcs7: Buffer;
  /** What SpcIndirectDataContent may call this kind of file. */
  readonly dataTypes: readonly string[];
  digest(algorithm: DigestName): Buffer;
}

const MAX_CABINET_SIGNATURE_BYTES = 16 << 20;
const PKCS_SIGNED_DATA = 0x0002;

/** The signature of a PE, MSI, MSP or CAB, told apart by its bytes; null: not signed. Throws Rejection, PermanentError. */
export function findSignature(source: ByteSource): SignedFile | null {
  const start = source.read(0, 8);
  if (start.equals(CFB_MAGIC)) return compoundFileSignature(source);
  if (start.toString('latin1', 0, 4) === 'MSCF') return cabinetSignature(source);
  if (start.toString('latin1', 0, 2) === 'MZ') return executableSignature(source);
  throw malformed('the file is no executable, no MSI and no cabinet');
}

function executableSignature(source: ByteSource): SignedFile | null {
  const { ranges, certificates, trailingBytes } = peAuthenticodeRanges(source);
  const [row, ...others] = certificates;
  if (row === undefined) return null;
  if (others.length > 0) throw malformed(`${certificates.length} signatures, exactly one expected`);
  if (row.type !== PKCS_SIGNED_DATA) throw malformed(`a signature of the unknown type ${row.type}`);
  refuseTrailing(trailingBytes);
  return {
    pkcs7: row.bytes,
    dataTypes: [OID.spcPeImageData],
    digest: (algorithm) => digestRanges(source, ranges, algorithm),
  };
}

function cabinetSignature(source: ByteSource): SignedFile | null {
  if (!hasSignatureReserve(source)) return null;
  const { ranges, signature, trailingBytes } = cabAuthenticodeRanges(source);
  if (signature === null) return null;
  refuseTrailing(trailingBytes);
  if (signature.sizeBytes > MAX_CABINET_SIGNATURE_BYTES)
    throw malformed(`a signature of ${signature.sizeBytes} bytes`);
  return {
    pkcs7: source.read(signature.offset, signature.sizeBytes),
    // Both are seen (cab-and-authenticode.md, section 2).
    dataTypes: [OID.spcCabData, OID.spcLink],
    digest: (algorithm) => digestRanges(source, ranges, algorithm),
  };
}

function compoundFileSignature(source: ByteSource): SignedFile | null {
  const file = openCompoundFile(source);
  const signature = msiSignature(file);
  if (signature === null) return null;
  refuseTrailing(file.trailingBytes);
  const { pkcs7, metadataDigest } = signature;
  return {
    pkcs7,
    dataTypes: [OID.spcSipInfo],
    digest(algorithm) {
      const hash = createHash(algorithm);
      if (metadataDigest !== null) {
        requireMetadata(metadataDigest, digestPieces(msiMetadataPieces(file), algorithm));
        hash.update(metadataDigest);
      }
      for (const piece of msiDigestStreams(file)) hash.update(piece);
      return hash.digest();
    },
  };
}

function requireMetadata(stated: Buffer, found: Buffer): void {
  if (stated.equals(found)) return;
  throw new Rejection('digest-mismatch', 'names or sizes of streams were changed after signing');
}

function digestRanges(source: ByteSource, ranges: readonly ByteRange[], algorithm: DigestName): Buffer {
  return digestPieces(readRanges(source, ranges, 'signature.malformed'), algorithm);
}

function digestPieces(pieces: Iterable<Buffer>, algorithm: DigestName): Buffer {
  const hash = createHash(algorithm);
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** No digest covers them: a second program can hide there, behind a signature that verifies. */
function refuseTrailing(trailingBytes: number): void {
  if (trailingBytes === 0) return;
  throw new Rejection('trailing-data', `${trailingBytes} bytes at the end are not covered by the signature`);
}

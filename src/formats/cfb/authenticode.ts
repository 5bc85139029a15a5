import type { CompoundFile } from './compound-file.js';
import type { DirectoryEntry } from './directory.js';

export const SIGNATURE_STREAM = '\u0005DigitalSignature';
export const EXTENDED_SIGNATURE_STREAM = '\u0005MsiDigitalSignatureEx';
/** Signatures with many certificates are tens of kilobytes. */
const MAX_SIGNATURE_BYTES = 16 << 20;

export interface MsiSignature {
  /** PKCS#7 of `\x05DigitalSignature`. */
  readonly pkcs7: Buffer;
  /** `\x05MsiDigitalSignatureEx`: the digest of `msiMetadataPieces`, or null when the signature has no such part. */
  readonly metadataDigest: Buffer | null;
}

/** The signature streams of an MSI or MSP, or null when it is not signed. */
export function msiSignature(file: CompoundFile): MsiSignature | null {
  const signature = file.stream(SIGNATURE_STREAM);
  if (signature === null || signature.sizeBytes === 0) return null;
  const extended = file.stream(EXTENDED_SIGNATURE_STREAM);
  return {
    pkcs7: file.read(signature, MAX_SIGNATURE_BYTES),
    metadataDigest: extended === null ? null : file.read(extended, MAX_SIGNATURE_BYTES),
  };
}

/**
 * What the digest of an MSI covers, to be hashed in this order: the streams by name, storages in their place, and
 * behind each storage its class id. Names, sizes and times are not covered: where `metadataDigest` is there, the
 * digest is over that value first and then these pieces, and the value must be the digest of `msiMetadataPieces`.
 */
export function* msiDigestStreams(file: CompoundFile): Generator<Buffer> {
  yield* contentOf(file, file.root);
}

function* contentOf(file: CompoundFile, storage: DirectoryEntry): Generator<Buffer> {
  for (const entry of inDigestOrder(storage)) {
    if (entry.kind === 'stream') yield* file.pieces(entry);
    else yield* contentOf(file, entry);
  }
  yield storage.clsidBytes;
}

/** What `\x05MsiDigitalSignatureEx` is the digest of: name, size or class id, state bits, times of each entry. */
export function* msiMetadataPieces(file: CompoundFile): Generator<Buffer> {
  yield* metadataOf(file.root);
}

function* metadataOf(entry: DirectoryEntry): Generator<Buffer> {
  const named = entry.kind !== 'root';
  if (named) yield entry.nameBytes;
  yield entry.kind === 'stream' ? lowSize(entry) : entry.clsidBytes;
  yield entry.stateBits;
  if (named) yield Buffer.concat([entry.createdBytes, entry.modifiedBytes]);
  for (const child of inDigestOrder(entry)) yield* metadataOf(child);
}

/** By the bytes of the UTF-16LE name, not by characters; the root's signature streams are left out. */
function inDigestOrder(storage: DirectoryEntry): readonly DirectoryEntry[] {
  return storage.children
    .filter((entry) => storage.kind !== 'root' || entry.kind !== 'stream' || !isSignature(entry.name))
    .sort((a, b) => Buffer.compare(a.nameBytes, b.nameBytes));
}

function isSignature(name: string): boolean {
  return name === SIGNATURE_STREAM || name === EXTENDED_SIGNATURE_STREAM;
}

function lowSize(entry: DirectoryEntry): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(entry.sizeBytes % 0x1_0000_0000);
  return bytes;
}

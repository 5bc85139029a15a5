export {
  EXTENDED_SIGNATURE_STREAM,
  type MsiSignature,
  msiDigestStreams,
  msiMetadataPieces,
  msiSignature,
  SIGNATURE_STREAM,
} from './authenticode.js';
export { type CompoundFile, openCompoundFile } from './compound-file.js';
export type { DirectoryEntry } from './directory.js';
export { CFB_MAGIC } from './header.js';

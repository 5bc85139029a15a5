export { type CabinetInput, type CabinetRow, packBlocks } from './blocks.js';
export type { CabinetEntry, CabinetFolder, CabinetHeader } from './header.js';
export { nameFault } from './names.js';
export { type Cabinet, readCabinet } from './read.js';
export {
  type CabinetAuthenticode,
  type CabinetSignature,
  cabAuthenticodeRanges,
  hasSignatureReserve,
  RESERVE_OFFSET,
  SIGNATURE_MARKER,
  signedReserve,
} from './signature.js';
export { whyNotSignedCopy } from './signed-copy.js';
export { CAB } from './structure.js';
export {
  type CabinetFolderInput,
  type CabinetSink,
  checkCounts,
  writeCabinetTo,
} from './write.js';
export { memberInput, writeCabinet, writeCabinetFolders } from './write-file.js';

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
export { type CabinetInput, type CabinetSink, writeCabinetTo } from './write.js';
export { writeCabinet } from './write-file.js';

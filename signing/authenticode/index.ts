export {
  type CabinetSignatureBytes,
  type CabinetSigning,
  cabinetDigest,
  makeCabinetSignature,
  readUnsignedCabinet,
  type UnsignedCabinet,
} from './sign.js';
export { signCabinet } from './sign-file.js';
export { codeSigner } from './signer.js';
export { indirectContent } from './spc.js';

export type { CertificateUsage } from './extensions.js';
export {
  type CertifiedKey,
  certificateDer,
  certificateParts,
  certificatePem,
  subjectOf,
  thumbprintOf,
} from './identity.js';
export { createAuthority, createSelfSignedCodeSigning, issueCertificate, type LeafRequest } from './issue.js';
export { openPkcs12 } from './pkcs12.js';

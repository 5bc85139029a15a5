export { verifyTimestamp } from './timestamp.js';
export { verifyFileSignature, verifySignature } from './verify.js';

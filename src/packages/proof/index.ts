export { writeProof } from './document.js';
export { type ProofSubject, proveRules } from './prove.js';

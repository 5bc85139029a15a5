export { type LevelledFinding, validateDocument } from './document.js';
export { type Finding, RULE_LEVELS, type RuleName } from '../finding.js';
export { readPackage, readSdp } from './read.js';
export { PACKAGE_NAMESPACES } from './render.js';
export { validateSdp } from './validate.js';
export { packageElement, writeSdp } from './write.js';

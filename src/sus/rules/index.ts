export { checkRule } from './check.js';
export { metadataElement, ruleElement } from './write.js';
export { readApplicabilityRules, readRule, readRuleIn } from './read.js';

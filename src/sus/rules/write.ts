import type { ApplicabilityMetadata, Rule } from '../../core/applicability.js';
import { PermanentError } from '../../core/errors.js';
import { element, type XmlElement } from '../../text/xml/index.js';
import { MSIAR } from '../namespaces.js';
import { grammarOf, type RuleGrammar } from './grammar.js';
import { patchMetadataElement } from './write-patch.js';

/** The rule as an element of the publishing namespaces. Throws `package.invalid` for what cannot be written. */
export function ruleElement(rule: Rule): XmlElement {
  const grammar = grammarOf(rule.kind);
  if (grammar === null) {
    const name = rule.kind === 'Unrecognised' ? rule.name : rule.kind;
    throw new PermanentError('package.invalid', `rule ${name} cannot be written`, { found: name });
  }
  const members = new Map<string, unknown>(Object.entries(rule));
  const attributes: Record<string, string> = {};
  for (const { name, member, missing } of grammar.attributes) {
    const value = members.get(member);
    if (value === undefined || value === null || value === missing) continue;
    attributes[name] = String(value);
  }
  return element(grammar.name, rule.kind, attributes, contentOf(rule, grammar, members));
}

function contentOf(rule: Rule, grammar: RuleGrammar, members: ReadonlyMap<string, unknown>): XmlElement[] {
  if ('rules' in rule) return rule.rules.map(ruleElement);
  if ('rule' in rule) return [ruleElement(rule.rule)];
  if (typeof grammar.content === 'string') return [];
  return grammar.content.flatMap(({ element: name, member }) => {
    const texts = members.get(member);
    return Array.isArray(texts) ? texts.map((text) => element(grammar.name, name, {}, [String(text)])) : [];
  });
}

/** The metadata that the six MSI rules read. */
export function metadataElement(metadata: ApplicabilityMetadata): XmlElement {
  if (metadata.kind === 'MsiPatchMetadata') return patchMetadataElement(metadata);
  const code = element(MSIAR, 'ProductCode', {}, [metadata.productCode]);
  return element(MSIAR, metadata.kind, {}, [code]);
}

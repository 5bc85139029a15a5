import type { ApplicabilityMetadata, ApplicabilityRules, Rule } from '../../core/applicability.js';
import { PermanentError } from '../../core/errors.js';
import { attributeOf, childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { type AttributeGrammar, grammarOf, type RuleGrammar } from './grammar.js';
import { bareName, textIn } from './names.js';
import { readPatchMetadata } from './read-patch.js';

/**
 * A rule from XML, told by its local name: the publishing namespaces, those of servers (msus 2002/12), and the names of
 * Core fragments (`b.RegDword`). A name that no schema has becomes `Unrecognised`. Tolerant of white space around values
 * and of `1` for `true`; throws PermanentError `package.invalid` where a rule cannot be understood.
 */
export function readRule(from: XmlElement): Rule {
  const name = from.localName.replace(/^[bmd]\./, '');
  const grammar = grammarOf(name);
  if (grammar === null) return { kind: 'Unrecognised', name, attributes: allAttributes(from) };
  const members: Record<string, unknown> = { kind: name };
  for (const attribute of grammar.attributes) readAttribute(from, attribute, members);
  readContent(from, grammar, members);
  // The grammar's table and the type are the same list; a test holds one against the other.
  return members as unknown as Rule;
}

/** The rule inside of a container such as `IsInstalled`, or null where there is none. */
export function readRuleIn(container: XmlElement | null): Rule | null {
  const inner = container === null ? [] : childElements(container);
  if (inner.length > 1) throw malformed(container ?? inner[0], 'one rule', `${inner.length} rules`);
  return inner[0] === undefined ? null : readRule(inner[0]);
}

/** The three rules and the metadata of an `ApplicabilityRules` element, in any of the three forms. */
export function readApplicabilityRules(from: XmlElement | null): ApplicabilityRules {
  const container = (name: string) => (from === null ? null : childOf(from, name));
  const entries = container('Metadata');
  const metadata = entries === null ? [] : childElements(entries).flatMap(readMetadata);
  return {
    isInstalled: readRuleIn(container('IsInstalled')),
    isSuperseded: readRuleIn(container('IsSuperseded')),
    isInstallable: readRuleIn(container('IsInstallable')),
    ...(metadata.length === 0 ? {} : { metadata }),
  };
}

function malformed(at: XmlElement | null | undefined, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', 'applicability rule is malformed', {
    where: at?.localName ?? 'rule',
    expected,
    found,
  });
}

function allAttributes(from: XmlElement): Record<string, string> {
  return Object.fromEntries(from.attributes.map((attribute) => [attribute.localName, attribute.value]));
}

function readAttribute(from: XmlElement, grammar: AttributeGrammar, members: Record<string, unknown>): void {
  const raw = attributeOf(from, grammar.name);
  if (raw === null) {
    if (grammar.required) throw malformed(from, `attribute ${grammar.name}`, 'none');
    if (grammar.missing !== undefined) members[grammar.member] = grammar.missing;
    return;
  }
  const text = normalised(raw, grammar);
  const expected = grammar.check(text);
  if (expected !== null) throw malformed(from, `${grammar.name}: ${expected}`, raw.slice(0, 100));
  if (grammar.type === 'text') members[grammar.member] = text;
  else members[grammar.member] = grammar.type === 'number' ? Number(text) : text === 'true';
}

/** XML Schema collapses white space around numbers and booleans, and knows two spellings of each boolean. */
function normalised(raw: string, grammar: AttributeGrammar): string {
  if (grammar.type === 'text') return raw;
  const text = raw.trim();
  if (grammar.type === 'number') return text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
  return text === '1' ? 'true' : text === '0' ? 'false' : text;
}

function readContent(from: XmlElement, grammar: RuleGrammar, members: Record<string, unknown>): void {
  const inner = childElements(from);
  if (grammar.content === 'none') {
    if (inner.length > 0) throw malformed(from, 'nothing inside', `${inner.length} elements`);
  } else if (grammar.content === 'many') {
    if (inner.length === 0) throw malformed(from, 'at least one rule', 'none');
    members.rules = inner.map(readRule);
  } else if (grammar.content === 'one') {
    const [only] = inner;
    if (only === undefined || inner.length > 1) throw malformed(from, 'one rule', `${inner.length} rules`);
    members.rule = readRule(only);
  } else {
    for (const { element, member } of grammar.content) {
      members[member] = inner.filter((child) => bareName(child) === element).map(textOf);
    }
  }
}

function readMetadata(from: XmlElement): readonly ApplicabilityMetadata[] {
  const kind = bareName(from);
  if (kind === 'MsiApplicationMetadata') {
    const productCode = textIn(from, 'ProductCode');
    return productCode === null ? [] : [{ kind, productCode }];
  }
  return kind === 'MsiPatchMetadata' ? readPatchMetadata(from) : [];
}

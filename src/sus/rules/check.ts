import type { Rule } from '../../core/applicability.js';
import { checkValue, type Finding, finding } from '../finding.js';
import { grammarOf, type RuleGrammar } from './grammar.js';

/** Nested deeper than this, the reader on the other side may refuse it. */
const MAX_DEPTH = 40;

/** What the rule breaks of its schema (the values' types, numbers of rules inside) and of the language's meaning. Pure. */
export function checkRule(rule: Rule, path: string): readonly Finding[] {
  return checkAt(rule, path, { isInLoop: false, depth: 1 });
}

interface Place {
  readonly isInLoop: boolean;
  readonly depth: number;
}

function checkAt(rule: Rule, outer: string, place: Place): readonly Finding[] {
  const grammar = grammarOf(rule.kind);
  const path = `${outer}/${rule.kind}`;
  if (grammar === null) {
    const name = rule.kind === 'Unrecognised' ? rule.name : rule.kind;
    return [finding(path, 'rule', 'a rule that the schema has', name)];
  }
  if (place.depth > MAX_DEPTH) return [finding(path, 'rule', `at most ${MAX_DEPTH} levels`, rule.kind)];
  return [
    ...checkAttributes(rule, grammar, path),
    ...checkTarget(rule, path, place),
    ...checkInside(rule, path, place),
  ];
}

function checkAttributes(rule: Rule, grammar: RuleGrammar, path: string): readonly Finding[] {
  const members = new Map<string, unknown>(Object.entries(rule));
  return grammar.attributes.flatMap(({ name, member, check, required }) => {
    const value = members.get(member);
    const at = `${path}/@${name}`;
    if (value !== undefined && value !== null) return checkValue(at, 'rule', String(value), check);
    return required ? [finding(at, 'rule', 'a value', 'none')] : [];
  });
}

/** HKEY_LOOP_TARGET stands for the sub-key that a loop is at; outside of one it is nothing. */
function checkTarget(rule: Rule, path: string, place: Place): readonly Finding[] {
  const isTarget = 'key' in rule && rule.key === 'HKEY_LOOP_TARGET';
  return isTarget && !place.isInLoop
    ? [finding(`${path}/@Key`, 'rule', 'HKEY_LOCAL_MACHINE outside of a RegKeyLoop', rule.key)]
    : [];
}

function checkInside(rule: Rule, path: string, { isInLoop, depth }: Place): readonly Finding[] {
  const place = { isInLoop: isInLoop || rule.kind === 'RegKeyLoop', depth: depth + 1 };
  if ('rule' in rule) return checkAt(rule.rule, path, place);
  if ('rules' in rule) {
    if (rule.rules.length === 0) return [finding(path, 'rule', 'at least one rule', 'none')];
    return rule.rules.flatMap((inner) => checkAt(inner, path, place));
  }
  return checkTexts(rule, path);
}

function checkTexts(rule: Rule, path: string): readonly Finding[] {
  const content = grammarOf(rule.kind)?.content;
  if (content === undefined || typeof content === 'string') return [];
  const members = new Map<string, unknown>(Object.entries(rule));
  return content.flatMap(({ element, member, check }) => {
    const texts = members.get(member);
    const at = `${path}/${element}`;
    if (!Array.isArray(texts) || texts.length === 0) return [finding(at, 'rule', 'at least one', 'none')];
    return texts.flatMap((text) => checkValue(at, 'rule', String(text), check));
  });
}

import { compilePattern } from '../../text/pattern.js';
import { type GroupNode, type PatternNode, parsePatternSyntax } from './pattern-syntax.js';

/** What a definition calls the group with the version, and how a spelling separates its parts. */
const VERSION_GROUPS = ['version', 'version2', 'version3', 'versionCore', 'versionNoV', 'versionTrim'];
const SEPARATORS: Readonly<Record<string, string>> = { '': '.', Underscore: '_', Dash: '-' };

export interface VersionPattern {
  readonly pattern: string;
  /** A version out of the groups: `${1}.${2}`. */
  readonly replace?: string | undefined;
}

/** A text in which the pattern finds exactly this version; null where it cannot stand in one. */
export function writeMatching({ pattern, replace }: VersionPattern, version: string): string | null {
  const root = parsePatternSyntax(pattern);
  const parts = replace === undefined ? versionPart(root, version) : splitVersion(root, replace, version);
  if (parts === null) return null;
  const written = parts.size === 0 ? version : write(root, parts);
  const match = compilePattern(pattern).first(written);
  if (match === null) return null;
  const isFound =
    parts.size === 0
      ? match.text === version
      : [...parts].every(([group, text]) => match.group(group.index ?? 0) === text);
  return isFound ? written : null;
}

/** Any text that the pattern matches. */
export function writeAny(pattern: string): string {
  return write(parsePatternSyntax(pattern), new Map());
}

/** A version in the form that the pattern asks for, as far as its own group tells. */
export function versionLike({ pattern, replace }: VersionPattern, step: number): string | null {
  const root = parsePatternSyntax(pattern);
  const written =
    replace === undefined
      ? write(versionGroup(root)?.group.node ?? root, new Map())
      : filled(
          replace,
          (which) => groupNamed(root, which),
          (group) => write(group.node, new Map()),
        );
  return /\d/.test(written) ? written.replace(/\d+(?=\D*$)/, String(10 + step)) : null;
}

type Parts = ReadonlyMap<GroupNode, string>;

function versionPart(root: PatternNode, version: string): Parts | null {
  const found = versionGroup(root);
  if (found === null) return new Map();
  return new Map([[found.group, version.replaceAll('.', found.separator)]]);
}

/** The group named so, else the first, else none: the whole match is the version. */
function versionGroup(root: PatternNode): { readonly group: GroupNode; readonly separator: string } | null {
  const groups = groupsIn(root);
  for (const name of VERSION_GROUPS) {
    for (const [spelling, separator] of Object.entries(SEPARATORS)) {
      const group = groups.find((one) => one.name === `${name}${spelling}`);
      if (group !== undefined) return { group, separator };
    }
  }
  const first = groups.find(({ index }) => index === 1);
  return first === undefined ? null : { group: first, separator: '.' };
}

/** Which part of the version each group of the template stands for. */
function splitVersion(root: PatternNode, replace: string, version: string): Parts | null {
  const groups: GroupNode[] = [];
  const part = (group: GroupNode) => `(?P<part${groups.push(group)}>${group.source})`;
  const source = filled(replace, (which) => groupNamed(root, which), part, quoted);
  const match = compilePattern(`^${source}$`).first(version);
  if (match === null) return null;
  return new Map(groups.map((group, place) => [group, match.group(`part${place + 1}`) ?? '']));
}

/** A template with what stands for each group; a group that there is not leaves nothing. */
function filled(
  template: string,
  find: (which: string) => GroupNode | undefined,
  write: (group: GroupNode) => string,
  literal: (text: string) => string = (text) => text,
): string {
  return template.replace(/\$(?:\{(\w+)\}|(\d))|[^$]+/g, (text, braced?: string, digit?: string) => {
    const which = braced ?? digit;
    if (which === undefined) return literal(text);
    const group = find(which);
    return group === undefined ? '' : write(group);
  });
}

function groupNamed(root: PatternNode, which: string): GroupNode | undefined {
  return groupsIn(root).find((one) => one.name === which || String(one.index) === which);
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function groupsIn(node: PatternNode): readonly GroupNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.nodes.flatMap(groupsIn);
    case 'choice':
      return node.options.flatMap(groupsIn);
    case 'repeat':
      return groupsIn(node.node);
    case 'group':
      return [...(node.index === null ? [] : [node]), ...groupsIn(node.node)];
    default:
      return [];
  }
}

/** As short as the pattern allows, but never without the parts. */
function write(node: PatternNode, parts: Parts): string {
  const isNeeded = (one: PatternNode) => groupsIn(one).some((group) => parts.has(group));
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'character':
      return characterOf(node.source);
    case 'sequence':
      return node.nodes.map((one) => write(one, parts)).join('');
    case 'choice':
      return write(node.options.find(isNeeded) ?? node.options[0] ?? { kind: 'text', text: '' }, parts);
    case 'repeat':
      return write(node.node, parts).repeat(Math.max(node.least, isNeeded(node.node) ? 1 : 0));
    case 'group':
      return parts.get(node) ?? write(node.node, parts);
  }
}

const CHARACTERS = [...'1a.A0-_ /vx=:"\'<>\n'];
const known = new Map<string, string>();

function characterOf(source: string): string {
  const before = known.get(source);
  if (before !== undefined) return before;
  const pattern = compilePattern(`^(?:${source})$`);
  const fitting = CHARACTERS.find((one) => pattern.test(one)) ?? firstOf(source);
  known.set(source, fitting);
  return fitting;
}

/** A character that the class names itself: `[版]`. */
function firstOf(source: string): string {
  return [...source].find((one) => compilePattern(`^(?:${source})$`).test(one)) ?? '';
}

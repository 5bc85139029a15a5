import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

export type Tree = Node;

/** A parser of PowerShell by tree-sitter's grammar; it knows Windows PowerShell's language and `&&`, nothing newer. */
export async function openPowerShell(): Promise<(source: string) => Tree> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve(
    'tree-sitter-powershell/tree-sitter-powershell.wasm',
  );
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(grammar)));
  return (source) => {
    const tree = parser.parse(source);
    if (tree === null) throw new Error('the parser gave no tree');
    return tree.rootNode;
  };
}

/** All nodes of the given types below `tree`, in the order of the text. */
export function all(tree: Tree, ...types: readonly string[]): readonly Tree[] {
  return tree.descendantsOfType([...types]);
}

export interface Command {
  /** As written; null where it is computed (`& $body`). */
  readonly name: string | null;
  /** With the dash. */
  readonly parameters: readonly string[];
  readonly line: number;
}

export function commandsOf(tree: Tree): readonly Command[] {
  return all(tree, 'command').map((command) => ({
    name: command.namedChildren.find((child) => child?.type === 'command_name')?.text ?? null,
    parameters: ownParameters(command).map((parameter) => parameter.text),
    line: command.startPosition.row + 1,
  }));
}

/** Those of commands inside of its script blocks are theirs. */
function ownParameters(command: Tree): readonly Tree[] {
  const elements = command.namedChildren.find((child) => child?.type === 'command_elements');
  return (elements?.namedChildren ?? []).filter((child) => child.type === 'command_parameter');
}

export interface DefinedFunction {
  readonly name: string;
  readonly body: Tree;
}

export function functionsOf(tree: Tree): readonly DefinedFunction[] {
  return all(tree, 'function_statement').map((body) => ({
    name: all(body, 'function_name')[0]?.text ?? '',
    body,
  }));
}

/** `$Job.verb` gives `verb` for `$job`; PowerShell does not tell cases apart. */
export function membersOf(tree: Tree, variable: string): ReadonlySet<string> {
  const own = all(tree, 'member_access').filter(
    (access) => access.firstNamedChild?.text.toLowerCase() === variable.toLowerCase(),
  );
  return new Set(own.map((access) => all(access, 'member_name')[0]?.text ?? ''));
}

/** Keys of hash tables written down below `tree`. */
export function hashKeysOf(tree: Tree): ReadonlySet<string> {
  return new Set(all(tree, 'hash_entry').map((entry) => entry.firstNamedChild?.text ?? ''));
}

/** The texts that a `switch` on `$<variable>.<member>` or a comparison with it names. */
export function valuesOf(tree: Tree, access: string): ReadonlySet<string> {
  const compared = all(tree, 'comparison_expression').filter((one) =>
    textOf(one).startsWith(`${access} -eq `),
  );
  const cases = all(tree, 'switch_statement')
    .filter((one) => textOf(all(one, 'switch_condition')[0] ?? one) === `(${access})`)
    .flatMap((one) => all(one, 'switch_clause_condition'));
  const texts = [...compared, ...cases].flatMap((one) => all(one, 'verbatim_string_characters'));
  return new Set(texts.map(({ text }) => text.slice(1, -1)));
}

function textOf(node: Tree): string {
  return node.text.toLowerCase().trim().replace(/\s+/g, ' ');
}

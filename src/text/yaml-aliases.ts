import { type Document, isAlias, visit } from 'yaml';
import { PermanentError } from '../core/errors.js';

const MOST_ALIASES = 1000;
/** What all aliases of a document stand for, written out. */
const MOST_CHARACTERS = 1_000_000;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * Aliases as people use them pass; PermanentError `payload.invalid` where one stands within what it names, or where
 * written out they would be more than a million characters (a bomb). A target ends before its aliases begin, so that one
 * pass in the document's order knows the size of each.
 */
export function refuseAliasBombs(document: Document): void {
  const targets = new Map<string, Piece>();
  const aliases: { readonly at: number; readonly characters: number }[] = [];
  let characters = 0;
  visit(document, {
    Node(_, node) {
      const [from, to] = node.range ?? [0, 0];
      if (!isAlias(node)) {
        if (node.anchor !== undefined) targets.set(node.anchor, { from, to });
        return;
      }
      const target = targets.get(node.source);
      // What names nothing, the parser refuses.
      if (target === undefined) return;
      if (from < target.to) throw refusal('no alias within what it names', `*${node.source}`);
      const within = aliases.filter(({ at }) => at >= target.from && at < target.to);
      const size = within.reduce((sum, one) => sum + one.characters, target.to - target.from);
      aliases.push({ at: from, characters: size });
      characters += size;
      if (aliases.length > MOST_ALIASES || characters > MOST_CHARACTERS)
        throw refusal(
          `at most ${MOST_ALIASES} aliases that stand for ${MOST_CHARACTERS} characters`,
          'more than that',
        );
    },
  });
}

function refusal(expected: string, found: string): PermanentError {
  return new PermanentError('payload.invalid', 'the aliases of the YAML text are refused', {
    expected,
    found,
  });
}

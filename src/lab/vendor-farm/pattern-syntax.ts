/** What a pattern is made of, as far as a text is to be written that it matches. */
export type PatternNode =
  | { readonly kind: 'text'; readonly text: string }
  /** One character that fits `source`: a class, a shorthand or a dot. */
  | { readonly kind: 'character'; readonly source: string }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | GroupNode
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly least: number };

export interface GroupNode {
  readonly kind: 'group';
  /** From 1; null where it captures nothing. */
  readonly index: number | null;
  readonly name: string | null;
  readonly node: PatternNode;
  /** What stands inside the parentheses. */
  readonly source: string;
}

/** Anchors and boundaries take no character. */
const NO_WIDTH = 'AzZbB';
const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };

/** RE2 syntax (https://github.com/google/re2/wiki/Syntax); `source` compiles, so faults need no words here. */
export function parsePatternSyntax(source: string): PatternNode {
  let at = 0;
  let groups = 0;

  function choice(): PatternNode {
    const options = [sequence()];
    while (source[at] === '|') {
      at += 1;
      options.push(sequence());
    }
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  function sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(repeated(atom()));
    return { kind: 'sequence', nodes };
  }

  function repeated(node: PatternNode): PatternNode {
    const [sign = '', least = ''] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})/.exec(source.slice(at)) ?? [];
    if (sign === '') return node;
    at += sign.length;
    if (source[at] === '?' || source[at] === '+') at += 1;
    return repeated({ kind: 'repeat', node, least: least === '' ? (sign === '+' ? 1 : 0) : Number(least) });
  }

  function atom(): PatternNode {
    const sign = source[at] ?? '';
    if (sign === '(') return group();
    if (sign === '[') return { kind: 'character', source: take(classEnd(source, at)) };
    if (sign === '\\') return escaped();
    at += 1;
    if (sign === '^' || sign === '$') return text('');
    return sign === '.' ? { kind: 'character', source: '.' } : text(sign);
  }

  function group(): PatternNode {
    const [opening = '', name = null] = /^\((?:\?(?:P?<(\w+)>|[imsU-]*:?))?/.exec(source.slice(at)) ?? [];
    at += opening.length;
    const isFlagOnly = /^\(\?[imsU-]*$/.test(opening);
    const index = opening === '(' || name !== null ? ++groups : null;
    const begin = at;
    const node = isFlagOnly ? text('') : choice();
    const inside = source.slice(begin, at);
    at += 1;
    return { kind: 'group', index, name, node, source: inside };
  }

  function escaped(): PatternNode {
    const letter = source[at + 1] ?? '';
    const long = /^\\(?:[pP](?:\{[^}]*\}|\w)|x(?:\{[0-9a-f]+\}|[0-9a-f]{2}))/i.exec(source.slice(at))?.[0];
    if (long !== undefined) return { kind: 'character', source: take(at + long.length) };
    at += 2;
    if (NO_WIDTH.includes(letter)) return text('');
    if (/[dDwWsS]/.test(letter)) return { kind: 'character', source: `\\${letter}` };
    return text(ESCAPED[letter] ?? letter);
  }

  function take(end: number): string {
    const taken = source.slice(at, end);
    at = end;
    return taken;
  }

  return choice();
}

/** Behind the `]` of the class that begins at `start`; a `]` in the first place is a member of it. */
function classEnd(source: string, start: number): number {
  const [inside = ''] = /^\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]/s.exec(source.slice(start)) ?? [];
  return start + Math.max(inside.length, 1);
}

function text(value: string): PatternNode {
  return { kind: 'text', text: value };
}

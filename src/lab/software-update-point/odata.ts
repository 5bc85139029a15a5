import type { IncomingMessage } from 'node:http';
import { addressOf, RequestRefused } from './http.js';

export type Row = Readonly<Record<string, unknown>>;

/** The answer to a question about a class: the part of OData that the AdminService is asked here, `eq`, `and`, `or`, `$select` and `$top`. */
export function answerRows(className: string, rows: readonly Row[], request: IncomingMessage): unknown {
  const { searchParams } = addressOf(request);
  const filter = searchParams.get('$filter');
  const matches = filter === null ? () => true : parseFilter(filter);
  const select = searchParams
    .get('$select')
    ?.split(',')
    .map((name) => name.trim());
  const top = Number(searchParams.get('$top') ?? rows.length);
  const value = rows
    .filter(matches)
    .slice(0, top)
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).filter(([name]) => select === undefined || select.includes(name)),
      ),
    );
  return { '@odata.context': `$metadata#${className}`, value };
}

type Predicate = (row: Row) => boolean;

const TOKEN = /\s*([()]|'(?:[^']|'')*'|[\w-]+)/y;

function parseFilter(text: string): Predicate {
  const tokens = tokensOf(text);
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) throw refused();
    at += 1;
    return token;
  };
  const term = (): Predicate => {
    if (tokens[at] === '(') {
      take('(');
      const inner = either();
      take(')');
      return inner;
    }
    const name = take();
    take('eq');
    const value = literalOf(take());
    return (row) => String(row[name]).toLowerCase() === value.toLowerCase();
  };
  const chain = (word: 'and' | 'or', next: () => Predicate): Predicate[] => {
    const terms = [next()];
    while (tokens[at] === word) {
      take(word);
      terms.push(next());
    }
    return terms;
  };
  const both = (): Predicate => {
    const terms = chain('and', term);
    return (row) => terms.every((one) => one(row));
  };
  const either = (): Predicate => {
    const terms = chain('or', both);
    return (row) => terms.some((one) => one(row));
  };
  const whole = either();
  if (at !== tokens.length) throw refused();
  return whole;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? '');
    end = TOKEN.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw refused();
  return tokens;
}

function literalOf(token: string): string {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (/^\d+$/.test(token)) return token;
  throw refused();
}

function refused(): RequestRefused {
  return new RequestRefused(
    400,
    "$filter takes Name eq 'text' and Name eq 1, joined by and, or and parentheses",
  );
}

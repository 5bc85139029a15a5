import type { PathNode } from './node.js';
import type { FunctionName } from './syntax.js';
import { type Read, toBoolean, toNumber, toText, type Value } from './values.js';

/** Where an expression is asked: a node and its place among those that the step found ([XPath 1.0] 2.4). */
export interface Place {
  readonly node: PathNode;
  readonly position: number;
  readonly last: number;
}

/** [XPath 1.0] 4. Where a term may be left out, it is the node itself. */
export function callFunction(name: FunctionName, terms: readonly Value[], place: Place, read: Read): Value {
  const term = terms[0] ?? [place.node];
  const text = (at: number) => toText(terms[at] ?? [place.node], read);
  switch (name) {
    case 'last':
      return place.last;
    case 'position':
      return place.position;
    case 'count':
      return nodesIn(term).length;
    case 'name':
    case 'local-name':
      return nameOf(nodesIn(term)[0], name === 'name');
    case 'string':
      return text(0);
    case 'concat':
      return terms.map((one) => toText(one, read)).join('');
    case 'starts-with':
      return text(0).startsWith(text(1));
    case 'contains':
      return text(0).includes(text(1));
    case 'substring-before':
      return text(0).slice(0, Math.max(0, text(0).indexOf(text(1))));
    case 'substring-after':
      return after(text(0), text(1));
    case 'substring':
      return substring(
        text(0),
        toNumber(terms[1] ?? 1, read),
        terms[2] === undefined ? undefined : toNumber(terms[2], read),
      );
    case 'string-length':
      return [...text(0)].length;
    case 'normalize-space':
      return text(0).trim().replace(/\s+/g, ' ');
    case 'translate':
      return translate(text(0), [...text(1)], [...text(2)]);
    case 'boolean':
      return toBoolean(term);
    case 'not':
      return !toBoolean(term);
    case 'true':
      return true;
    case 'false':
      return false;
    case 'number':
      return toNumber(term, read);
    case 'sum':
      return nodesIn(term).reduce((sum, node) => sum + toNumber([node], read), 0);
    case 'floor':
      return Math.floor(toNumber(term, read));
    case 'ceiling':
      return Math.ceil(toNumber(term, read));
    case 'round':
      return Math.round(toNumber(term, read));
  }
}

function nodesIn(value: Value): readonly PathNode[] {
  return typeof value === 'object' ? value : [];
}

function nameOf(node: PathNode | undefined, withPrefix: boolean): string {
  if (node === undefined) return '';
  return withPrefix && node.prefix !== '' ? `${node.prefix}:${node.name}` : node.name;
}

function after(text: string, part: string): string {
  const at = text.indexOf(part);
  return at < 0 ? '' : text.slice(at + part.length);
}

/** [XPath 1.0] 4.2: counted from 1, by characters, both bounds rounded. */
function substring(text: string, start: number, length: number | undefined): string {
  const from = Math.round(start);
  const to = length === undefined ? Number.POSITIVE_INFINITY : from + Math.round(length);
  return [...text].filter((_, at) => at + 1 >= from && at + 1 < to).join('');
}

function translate(text: string, from: readonly string[], to: readonly string[]): string {
  const changes = new Map([...from.entries()].reverse().map(([at, one]) => [one, to[at] ?? '']));
  return [...text].map((one) => changes.get(one) ?? one).join('');
}

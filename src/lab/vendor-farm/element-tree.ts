import { parseExpression } from '../../text/xpath/parse.js';
import type { Expression, Path, Step } from '../../text/xpath/syntax.js';

/** An element that is being written. */
export interface ElementNode {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (ElementNode | string)[];
}

export function elementNode(name: string): ElementNode {
  return { name, attributes: new Map(), children: [] };
}

/** Puts `text` where the path finds it below `root` (an absolute path begins with the root's own name). */
export function putText(root: ElementNode, xpath: string, text: string): void {
  const path = pathIn(xpath);
  const [first] = path.steps;
  const isAbsolute = path.from === 'document';
  const isRoot = isAbsolute && first?.deep === false && isElement(first) && nameIn(first)?.name === root.name;
  const isDocument = isAbsolute && !isRoot;
  walk(isDocument ? bodyOf(root) : root, isRoot ? path.steps.slice(1) : path.steps, text);
}

/** The root's name that an absolute path asks for; null where any will do. */
export function rootNameOf(xpath: string): string | null {
  const { from, steps } = pathIn(xpath);
  const [first] = steps;
  const test = first?.deep === false && isElement(first) ? nameIn(first) : null;
  return from === 'document' && test !== null && test.name !== '*' ? qualified(test) : null;
}

/** Of what is no path: one without steps. */
function pathIn(xpath: string): Path {
  const expression = parseExpression(xpath);
  return expression.kind === 'path' ? expression.path : { from: 'node', predicates: [], steps: [] };
}

function isElement({ axis, test }: Step): boolean {
  return axis !== 'attribute' && test.kind === 'name';
}

function nameIn({ test }: Step): { readonly prefix: string | null; readonly name: string } | null {
  return test.kind === 'name' ? test : null;
}

/** Below `start`: elements are made anew at a `//`, and shared along plain steps. */
function walk(start: ElementNode, steps: readonly Step[], text: string): void {
  let node = start;
  for (const step of steps) {
    const name = nameIn(step)?.name;
    if (step.axis === 'attribute' && name !== undefined) {
      node.attributes.set(name, merged(node.attributes.get(name), text));
      return;
    }
    if (isElement(step)) node = child(node, step);
  }
  node.children.push(text);
  // Links, forms and redirects of a page carry their text where people do not see it.
  const shown = ATTRIBUTES_WITH_TEXT[node.name];
  if (shown !== undefined && steps.length > 0)
    node.attributes.set(shown, merged(node.attributes.get(shown), text));
  for (const name of ['data-url']) {
    const value = node.attributes.get(name);
    if (value !== undefined) node.attributes.set(name, merged(value, text));
  }
}

const ATTRIBUTES_WITH_TEXT: Readonly<Record<string, string>> = { a: 'href', meta: 'content', input: 'value' };

/** What several conditions ask of one attribute, all of it. */
function merged(before: string | undefined, text: string): string {
  if (before === undefined || before === '' || text.includes(before)) return text;
  return before.includes(text) ? before : `${text}/${before}`;
}

/** Where HTML allows rows and cells, and nowhere else. */
const PARENTS: Readonly<Record<string, string>> = { td: 'tr', tr: 'tbody', tbody: 'table' };

function child(parent: ElementNode, step: Step): ElementNode {
  const { deep, predicates } = step;
  const test = nameIn(step);
  const name = test !== null && test.name !== '*' ? qualified(test) : 'div';
  const wanted = PARENTS[name];
  const isMisplaced = deep && wanted !== undefined && parent.name !== wanted && parent.name !== 'table';
  const place = isMisplaced
    ? child(parent, { ...step, test: { kind: 'name', prefix: null, name: wanted }, predicates: [] })
    : parent;
  const position = predicates.find(isNumber)?.value ?? 1;
  const same = elementsOf(place, name);
  for (let count = same.length; count < position - 1; count += 1) place.children.push(elementNode(name));
  const node = deep ? undefined : elementsOf(place, name)[position - 1];
  const made = node ?? elementNode(name);
  if (node === undefined) place.children.push(made);
  for (const predicate of predicates) satisfy(made, predicate);
  return made;
}

function isNumber(one: Expression): one is { readonly kind: 'literal'; readonly value: number } {
  return one.kind === 'literal' && typeof one.value === 'number' && one.value >= 1;
}

function qualified({ prefix, name }: { readonly prefix: string | null; readonly name: string }): string {
  return prefix === null ? name : `${prefix}:${name}`;
}

function elementsOf(node: ElementNode, name: string): readonly ElementNode[] {
  return node.children.filter((one) => typeof one !== 'string').filter((one) => one.name === name);
}

/** What a predicate asks of the element; what it denies is not there. */
function satisfy(node: ElementNode, expression: Expression): void {
  if (expression.kind === 'path') walk(node, expression.path.steps, '');
  if (expression.kind === 'call' && ['contains', 'starts-with'].includes(expression.name)) {
    const [of, part] = expression.terms;
    if (of !== undefined && part !== undefined) putOperand(node, of, part);
  }
  if (expression.kind !== 'binary') return;
  const { operator, left, right } = expression;
  if (operator === '=') putOperand(node, left, right);
  if (operator === 'and' || operator === 'or') satisfy(node, left);
  if (operator === 'and') satisfy(node, right);
}

function putOperand(node: ElementNode, left: Expression, right: Expression): void {
  if (left.kind !== 'path' || right.kind !== 'literal' || typeof right.value !== 'string') return;
  const path: Path = left.path;
  walk(node, path.steps, right.value);
}

function bodyOf(root: ElementNode): ElementNode {
  return elementsOf(root, 'body')[0] ?? root;
}

const VOID = ['meta', 'input', 'br', 'link', 'img'];

/** As XML, or as HTML with its elements without an end. */
export function writeElement(node: ElementNode | string, form: 'xml' | 'html'): string {
  if (typeof node === 'string') return form === 'xml' ? escaped(node) : node;
  const attributes = [...node.attributes].map(
    ([name, value]) => ` ${name}="${form === 'xml' ? escaped(value) : value}"`,
  );
  const opening = `<${node.name}${attributes.join('')}>`;
  if (form === 'html' && VOID.includes(node.name)) return opening;
  const inside = node.children.map((one) => writeElement(one, form)).join(form === 'xml' ? '' : '\n');
  return `${opening}${inside}</${node.name}>`;
}

export function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

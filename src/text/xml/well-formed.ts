import { type PermanentError, printable } from '../../core/errors.js';
import { refuse } from './decode.js';
import { positionOf } from './position.js';

const NAME = String.raw`[\p{L}_][\p{L}\p{M}\p{Nd}_.\-\u00b7]*`;
const QUALIFIED = `(?:${NAME}:)?${NAME}`;
const START = new RegExp(`<(${QUALIFIED})`, 'uy');
const ATTRIBUTE = new RegExp(`[ \\t\\n]+${QUALIFIED}[ \\t\\n]*=[ \\t\\n]*(?:"[^"<]*"|'[^'<]*')`, 'uy');
const START_END = /[ \t\n]*(\/?)>/y;
const END = new RegExp(`</(${QUALIFIED})[ \\t\\n]*>`, 'uy');

export interface MarkupLimits {
  readonly where: string;
  readonly maxDepth: number;
  readonly maxAttributes: number;
}

/** What stands in a text, for comparison with the tree that is made of it. */
export interface Census {
  /** Of every element, in document order: the offset of its start tag and how many attributes that has. */
  readonly starts: readonly number[];
  readonly attributes: readonly number[];
  /** Length of all texts and CDATA sections. */
  readonly characters: number;
}

/**
 * Refuses what fast-xml-parser 5.12 takes or passes over: tags that do not match, malformed attributes, document types,
 * processing instructions, text outside of elements. One pass from `offset` on, no recursion; line ends are line feeds.
 */
export function checkWellFormed(text: string, offset: number, limits: MarkupLimits): Census {
  return new Check(text, offset, limits).run();
}

class Check {
  readonly #text: string;
  readonly #limits: MarkupLimits;
  readonly #open: string[] = [];
  readonly #starts: number[] = [];
  readonly #attributes: number[] = [];
  #characters = 0;
  #at: number;

  constructor(text: string, offset: number, limits: MarkupLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#at = offset;
  }

  run(): Census {
    while (this.#at < this.#text.length) this.#next();
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw this.#fault(`<${unclosed}> is not closed`);
    return { starts: this.#starts, attributes: this.#attributes, characters: this.#characters };
  }

  #next(): void {
    const isNext = (markup: string): boolean => this.#text.startsWith(markup, this.#at);
    if (!isNext('<')) this.#characterData();
    else if (isNext('</')) this.#endTag();
    else if (isNext('<!--')) this.#comment();
    else if (isNext('<![CDATA[')) this.#cdata();
    else if (isNext('<!')) throw this.#fault('DOCTYPE or another declaration', 'no document type');
    else if (isNext('<?')) throw this.#fault('processing instruction', 'none but the XML declaration');
    else this.#startTag();
  }

  #fault(what: string, expected?: string, offset = this.#at): PermanentError {
    return refuse(positionOf(this.#limits.where, this.#text, offset), printable(what, 200), expected);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #characterData(): void {
    const next = this.#text.indexOf('<', this.#at);
    const raw = this.#text.slice(this.#at, next < 0 ? this.#text.length : next);
    const stray = raw.indexOf(']]>');
    if (stray >= 0) throw this.#fault('"]]>" in text', undefined, this.#at + stray);
    if (this.#open.length > 0) this.#characters += raw.length;
    else if (/[^ \t\n]/.test(raw)) throw this.#fault('text outside of the root element');
    this.#at += raw.length;
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end < 0 || this.#text.charAt(end + 2) !== '>') throw this.#fault('malformed comment');
    this.#at = end + 3;
  }

  #cdata(): void {
    const start = this.#at + '<![CDATA['.length;
    const end = this.#text.indexOf(']]>', start);
    if (this.#open.length === 0 || end < 0) throw this.#fault('malformed CDATA section');
    this.#characters += end - start;
    this.#at = end + 3;
  }

  #endTag(): void {
    const at = this.#at;
    const name = this.#match(END)?.[1];
    const open = this.#open.pop();
    if (name === undefined) throw this.#fault('malformed end tag');
    if (name !== open) throw this.#fault(`</${name}>`, open === undefined ? 'no end tag' : `</${open}>`, at);
  }

  #startTag(): void {
    const { maxDepth, maxAttributes } = this.#limits;
    const at = this.#at;
    if (this.#open.length >= maxDepth)
      throw this.#fault('elements nested too deep', `at most ${maxDepth} levels`);
    const name = this.#match(START)?.[1];
    if (name === undefined) throw this.#fault('malformed start tag');
    let attributes = 0;
    while (this.#match(ATTRIBUTE) !== null) attributes += 1;
    const end = this.#match(START_END);
    if (end === null) throw this.#fault(`malformed attributes of <${name}>`);
    if (attributes > maxAttributes) throw this.#fault('too many attributes', `at most ${maxAttributes}`, at);
    this.#starts.push(at);
    this.#attributes.push(attributes);
    if (end[1] !== '/') this.#open.push(name);
  }
}

import { printable } from '../core/errors.js';

/** Text that is markup already; only the tag below makes it. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Value = Html | readonly Html[] | string | number | null;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The longest text of a feed or a fault that a page shows. */
const LONGEST_TEXT = 2000;

/** Markup with every value escaped: whatever a feed says stays text, also inside a quoted attribute. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (parts[index + 1] ?? '');
  });
  return new Html(text);
}

export const NOTHING = new Html('');

function render(value: Value): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value.map((one) => one.text).join('');
}

/** Control and bidi characters are shown as what they are, so that no text can turn the line around it. */
function escaped(text: string): string {
  return printable(text, LONGEST_TEXT).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

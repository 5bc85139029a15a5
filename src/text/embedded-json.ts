import { parseJson } from './json.js';

const MOST_FOUND = 50;
const MOST_TRIED = 500;
/** After what JSON stands in pages and scripts: an assignment, a call, a colon, a script's tag, or the beginning. */
const START = /(?:^|[=(>:,;]|return)\s*(?=[{[])/g;

/**
 * JSON in a page or script, in its order: `<script>` data, `name = {...};`, `callback({...})`, or all of it. What looks
 * like JSON and cannot be read is passed over; what stands in found JSON is not found again.
 */
export function findEmbeddedJson(text: string): readonly unknown[] {
  const found: unknown[] = [];
  START.lastIndex = 0;
  let tried = 0;
  for (let start = START.exec(text); start !== null; start = START.exec(text)) {
    tried += 1;
    if (tried > MOST_TRIED || found.length === MOST_FOUND) break;
    const from = start.index + start[0].length;
    const to = endOf(text, from);
    const value = to === null ? undefined : valueIn(text.slice(from, to));
    if (value !== undefined) found.push(value);
    START.lastIndex = Math.max(value === undefined ? from : (to ?? from), start.index + 1);
  }
  return found;
}

function valueIn(text: string): unknown {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Behind the bracket that closes the one at `from`; null where none does. */
function endOf(text: string, from: number): number | null {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (isText && character === '\\') at += 1;
    else if (character === '"') isText = !isText;
    else if (isText) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return null;
}

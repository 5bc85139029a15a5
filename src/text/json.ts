import { PermanentError } from '../core/errors.js';

const DEEPEST = 200;

/**
 * JSON whose lists and objects nest at most 200 deep. Of members with the same name the last one counts (RFC 8259 4
 * leaves it open); `__proto__` is a name like any other. PermanentError `payload.invalid`.
 */
export function parseJson(text: string): unknown {
  if (depthOf(text) > DEEPEST) {
    throw new PermanentError('payload.invalid', 'the JSON text is nested too deep', {
      expected: `at most ${DEEPEST} lists and objects in one another`,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) texts.set(value, text);
    return value;
  } catch (error) {
    throw new PermanentError('payload.invalid', 'the JSON text cannot be read', {
      found: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

const texts = new WeakMap<object, string>();

/** The text of which `parseJson` made a list or object, for what the value does not keep; undefined: it made none. */
export function jsonTextOf(value: object): string | undefined {
  return texts.get(value);
}

/** Brackets in texts do not count; of what is no JSON, some number. A loop, as one text may be most of the answer. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < text.length && deepest <= DEEPEST; at += 1) {
    const character = text[at];
    if (isText && character === '\\') at += 1;
    else if (character === '"') isText = !isText;
    else if (isText) continue;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

import { type Document, parseDocument, type ScalarTag, type Tags } from 'yaml';
import { PermanentError } from '../core/errors.js';
import { refuseAliasBombs } from './yaml-aliases.js';

const MAX_CHARACTERS = 4_000_000;
/** Of strangers: for some malformed texts the parser takes the square of their length. */
const MAX_FOREIGN_CHARACTERS = 128_000;
const DEEPEST = 200;

/** What plain scalars become: the types of the core schema; the same but no numbers, as `1.10` is a version; or texts only. */
type Scalars = 'core' | 'no-numbers' | 'text';

/**
 * YAML without alias bombs, custom tags or, in the core schema, duplicate keys: else the last one counts, as
 * in JSON. Aliases and merge keys (`<<`) are followed. PermanentError `payload.invalid` says line and column. `scalars: 'text'`: nothing becomes a number or a date,
 * as in documents whose versions stand without quotes.
 */
export function parseYaml(text: string, { scalars = 'core' }: { scalars?: Scalars } = {}): unknown {
  const most = scalars === 'core' ? MAX_CHARACTERS : MAX_FOREIGN_CHARACTERS;
  if (text.length > most) {
    throw new PermanentError('payload.invalid', 'the YAML text is too long', {
      expected: `at most ${most} characters`,
      found: `${text.length}`,
    });
  }
  refuseDeep(text);
  const document = documentIn(text, scalars);
  const fault = document.errors[0];
  if (fault !== undefined) {
    throw new PermanentError('payload.invalid', 'the YAML text cannot be read', { found: fault.message });
  }
  try {
    refuseAliasBombs(document);
    return document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    throw new PermanentError('payload.invalid', 'the YAML text cannot be read', {
      found: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

/** The parser takes the square of the time for brackets that are not closed. */
function refuseDeep(text: string): void {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (depth > 0 && (character === ']' || character === '}')) depth -= 1;
    if (depth <= DEEPEST) continue;
    throw new PermanentError('payload.invalid', 'the YAML text is nested too deep', {
      expected: `at most ${DEEPEST} brackets in one another`,
    });
  }
}

/** The parser recurses: what is nested deeper than the stack is refused here too. */
function documentIn(text: string, scalars: Scalars): Document {
  try {
    return parseDocument(text, {
      merge: true,
      schema: scalars === 'text' ? 'failsafe' : 'core',
      ...(scalars === 'no-numbers' && { customTags: withoutNumbers }),
      // The parser compares each key with all before it, which strangers could make endless.
      uniqueKeys: scalars === 'core',
      // It would make up a picture of each of thousands of faults.
      prettyErrors: scalars === 'core',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PermanentError('payload.invalid', 'the YAML text is nested too deep', { cause: error });
  }
}

function withoutNumbers(tags: Tags): Tags {
  return tags.filter((tag) => !/:(?:int|float)$/.test((tag as ScalarTag).tag));
}

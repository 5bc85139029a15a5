import { type Document, parseDocument, type ScalarTag, type Tags } from 'yaml';
import { PermanentError } from '../core/errors.js';

const MAX_CHARACTERS = 4_000_000;

/** What plain scalars become: the types of the core schema; the same but no numbers, as `1.10` is a version; or texts only. */
type Scalars = 'core' | 'no-numbers' | 'text';

/**
 * YAML without aliases (no alias bombs), custom tags or, in the core schema, duplicate keys: else the last one counts, as
 * in JSON. PermanentError `payload.invalid` says line and column. `scalars: 'text'`: nothing becomes a number or a date,
 * as in documents whose versions stand without quotes.
 */
export function parseYaml(text: string, { scalars = 'core' }: { scalars?: Scalars } = {}): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new PermanentError('payload.invalid', 'the YAML text is too long', {
      expected: `at most ${MAX_CHARACTERS} characters`,
      found: `${text.length}`,
    });
  }
  const document = documentIn(text, scalars);
  const fault = document.errors[0];
  if (fault !== undefined) {
    throw new PermanentError('payload.invalid', 'the YAML text cannot be read', { found: fault.message });
  }
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new PermanentError('payload.invalid', 'the YAML text uses aliases', {
      expected: 'plain YAML without anchors and aliases',
      found: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The parser recurses: what is nested deeper than the stack is refused here too. */
function documentIn(text: string, scalars: Scalars): Document {
  try {
    return parseDocument(text, {
      schema: scalars === 'text' ? 'failsafe' : 'core',
      ...(scalars === 'no-numbers' && { customTags: withoutNumbers }),
      // The parser compares each key with all before it, which strangers could make endless.
      uniqueKeys: scalars === 'core',
      prettyErrors: true,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PermanentError('payload.invalid', 'the YAML text is nested too deep', { cause: error });
  }
}

function withoutNumbers(tags: Tags): Tags {
  return tags.filter((tag) => !/:(?:int|float)$/.test((tag as ScalarTag).tag));
}

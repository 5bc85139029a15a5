import { parseDocument } from 'yaml';
import { PermanentError } from '../core/errors.js';

const MAX_CHARACTERS = 4_000_000;

/**
 * YAML without aliases (no alias bombs), custom tags or duplicate keys. PermanentError `payload.invalid` says line and
 * column. `scalars: 'text'`: nothing becomes a number or a date, as in documents whose versions stand without quotes.
 */
export function parseYaml(text: string, { scalars = 'core' }: { scalars?: 'core' | 'text' } = {}): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new PermanentError('payload.invalid', 'the YAML text is too long', {
      expected: `at most ${MAX_CHARACTERS} characters`,
      found: `${text.length}`,
    });
  }
  const document = parseDocument(text, {
    schema: scalars === 'core' ? 'core' : 'failsafe',
    uniqueKeys: true,
    prettyErrors: true,
  });
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

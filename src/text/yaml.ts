import { parseDocument } from 'yaml';
import { PermanentError } from '../core/errors.js';

const MAX_CHARACTERS = 4_000_000;

/** YAML without aliases (no alias bombs), custom tags or duplicate keys. PermanentError `payload.invalid` says line and column. */
export function parseYaml(text: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new PermanentError('payload.invalid', 'the YAML text is too long', {
      expected: `at most ${MAX_CHARACTERS} characters`,
      found: `${text.length}`,
    });
  }
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, prettyErrors: true });
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

import { PermanentError } from '../core/errors.js';

/**
 * What is bound to a statement, after a look at it. The embedded driver aborts the process on a boolean, stores NaN and
 * undefined as NULL and rounds large integers; PostgreSQL has no NUL in its text. So none of these gets there.
 * `mayBeBoolean`: the migrator asks PostgreSQL's own tables with booleans, which do no harm there.
 */
export function checkedValues(
  parameters: readonly unknown[],
  sql: string,
  { mayBeBoolean }: { readonly mayBeBoolean: boolean } = { mayBeBoolean: false },
): readonly unknown[] {
  for (const value of parameters) {
    if (isStorable(value) || (mayBeBoolean && typeof value === 'boolean')) continue;
    throw new PermanentError('ledger.refused-value', 'a value that the ledger cannot hold', {
      where: sql.slice(0, 120),
      expected: 'text without NUL, a safe integer or null',
      found: `${typeof value} ${String(value)}`,
    });
  }
  return parameters;
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  return value === null || Number.isSafeInteger(value);
}

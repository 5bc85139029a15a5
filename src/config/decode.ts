import type { z } from 'zod';
import { PermanentError, type PermanentCode, printable } from '../core/errors.js';

/** PermanentError that names file and member, what was expected there, what stands there, and the next step. */
export function decode<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  fault: {
    readonly code: Extract<PermanentCode, 'configuration.invalid' | 'definition.invalid'>;
    readonly message: string;
    readonly where: string;
    readonly nextStep: string;
  },
): z.infer<Schema> {
  const decoded = schema.safeParse(value);
  if (decoded.success) return decoded.data;
  const issues = decoded.error.issues.slice(0, 5);
  throw new PermanentError(fault.code, fault.message, {
    where: printable(`${fault.where} at ${issues.map(({ path }) => placeOf(path)).join(', ')}`, 400),
    expected: printable(issues.map(({ message }) => message).join('; ')),
    found: printable(issues.map(({ path }) => foundAt(value, path)).join('; '), 300),
    nextStep: fault.nextStep,
  });
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.') || 'the top';
}

function foundAt(value: unknown, path: readonly PropertyKey[]): string {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return 'nothing';
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  if (Array.isArray(at)) return `a list of ${at.length}`;
  if (typeof at === 'object' && at !== null) return `members ${Object.keys(at).join(', ')}`;
  return JSON.stringify(at) ?? 'nothing';
}

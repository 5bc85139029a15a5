import { z } from 'zod';
import type { FeedResponse } from '../core/release.js';
import { describeValue, jsonOf, malformed } from './answer.js';

/** Members of foreign documents: one of a wrong type is as good as absent, and never hides its neighbours. */
export const LooseText = z.string().max(4000).nullish().catch(null);
/** Some write it as a text. */
export const LooseFlag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .nullish()
  .catch(null);
/** In bytes; some write it as a text. */
export const LooseSize = z
  .union([
    z.int().min(1),
    z
      .string()
      .regex(/^[1-9]\d{0,14}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null);

const MOST_ENTRIES = 5000;

/** The members of a list that are of this shape; what is not is left out. */
export function looseList<Schema extends z.ZodType>(schema: Schema) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((members) => members.slice(0, MOST_ENTRIES).flatMap((one) => fitting(schema, one)));
}

function fitting<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema>[] {
  const decoded = schema.safeParse(value);
  return decoded.success ? [decoded.data] : [];
}

/**
 * The entries of an answer that is a list of them, or one of them. PermanentError `feed.malformed` where nothing in it
 * is one; an API that answers with a message says so in it.
 */
export function entriesIn<Schema extends z.ZodType>(
  response: FeedResponse,
  schema: Schema,
  expected: string,
): z.infer<Schema>[] {
  const value = jsonOf(response);
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  const entries = members.slice(0, MOST_ENTRIES).flatMap((one) => fitting(schema, one));
  if (entries.length > 0 || members.length === 0) return entries;
  throw malformed(response, expected, `${describeValue(value)}${messageIn(value)}`);
}

/** What an API says instead of an answer. */
export function messageIn(value: unknown): string {
  const said = z.object({ message: z.string() }).safeParse(value);
  return said.success ? ` (${said.data.message})` : '';
}

import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteRest } from './rest.js';

/** A text inside of quotes of a filter: a quote is doubled. */
export function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

/**
 * Rows of a class of the site, with the properties of `row` and no others; `filter` null: all of them. Lazy properties are
 * not among what such a question gives. PermanentError `protocol.violation` for rows of another form; errors of `rest`.
 */
export async function readRows<Shape extends z.ZodRawShape>(
  rest: SiteRest,
  className: string,
  row: z.ZodObject<Shape>,
  filter: string | null,
): Promise<readonly z.infer<z.ZodObject<Shape>>[]> {
  const select = `$select=${Object.keys(row.shape).join(',')}`;
  const query = filter === null ? select : `$filter=${encodeURIComponent(filter)}&${select}`;
  const answer = z
    .object({ value: z.array(row) })
    .safeParse(await rest.get(`/AdminService/wmi/${className}?${query}`));
  if (answer.success) return answer.data.value;
  throw new PermanentError('protocol.violation', 'the site answers in another form', {
    where: className,
    expected: `rows with ${Object.keys(row.shape).join(', ')}`,
    found: answer.error.message.slice(0, 300),
  });
}

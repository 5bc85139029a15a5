import { z } from 'zod';

/** One line without control characters, as it stands in a registry value or a certificate. */
export const Line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be printable');

/** Of ids and names; `*` stands for any text. */
export const Glob = z.string().min(1).max(200);

export const TextMatchSchema = z
  .strictObject({
    equalTo: z.exactOptional(Line),
    beginsWith: z.exactOptional(Line),
    endsWith: z.exactOptional(Line),
  })
  .refine((match) => Object.keys(match).length > 0, 'needs equalTo, beginsWith or endsWith');

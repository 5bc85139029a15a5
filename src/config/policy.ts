import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Policy } from '../core/decide.js';
import { CONTENT_WISHES } from '../core/publication.js';
import { DIRECT_MODES } from '../core/route.js';
import { parseYaml } from '../text/yaml.js';
import { decode } from './decode.js';
import { Glob, TextMatchSchema } from './text-match.js';

const PolicyFile = z.strictObject({
  rules: z.array(
    z
      .strictObject({
        products: z.array(Glob).min(1),
        vendors: z.exactOptional(z.array(Glob).min(1)),
        publish: z.enum(['automatic', 'approval', 'never']),
        installNew: z.exactOptional(z.boolean()),
        content: z.exactOptional(z.enum(CONTENT_WISHES)),
        promoteAt: z.exactOptional(z.int().min(1)),
      })
      .refine(({ content, promoteAt }) => promoteAt === undefined || content === 'metadata', {
        message: 'promoteAt is for rules with content: metadata',
        path: ['promoteAt'],
      }),
  ),
  signers: z
    .array(
      z.strictObject({
        product: z.exactOptional(Glob),
        subject: TextMatchSchema,
        accept: z.literal(true).default(true),
      }),
    )
    .default([]),
  unsigned: z.exactOptional(
    z.array(z.strictObject({ product: Glob, accept: z.literal(true).default(true) })),
  ),
  direct: z.exactOptional(
    z.strictObject({
      mode: z.exactOptional(z.enum(DIRECT_MODES)),
      products: z.exactOptional(z.array(z.strictObject({ product: Glob, mode: z.enum(DIRECT_MODES) }))),
    }),
  ),
  delayHours: z.exactOptional(z.number().min(0).max(8760)),
});

export function loadPolicy(file: string): Policy {
  return decodePolicy(parseYaml(readFileSync(file, 'utf8')), file);
}

/** PermanentError `configuration.invalid`: a policy that is half understood publishes what nobody wanted. */
export function decodePolicy(value: unknown, where: string): Policy {
  return decode(PolicyFile, value, {
    code: 'configuration.invalid',
    message: 'the policy cannot be used',
    where,
    nextStep: 'correct the policy; catalogs/policy.yaml shows every member',
  });
}

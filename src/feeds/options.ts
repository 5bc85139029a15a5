import { z } from 'zod';
import { PermanentError, printable } from '../core/errors.js';
import type { FeedRequest } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';
import { compilePattern } from '../text/pattern.js';
import type { Order } from './choose.js';

/** A pattern in a definition, compiled when it is decoded. */
export const PatternText = z.string().min(1).transform(refused(compilePattern));

/** What the collected facts remark about a feed; it changes nothing here. What an incomplete one lacks, its reader says. */
export const remarks = {
  complete: z.boolean().optional(),
  origin: z.string().optional(),
  approx: z.boolean().optional(),
  requiresBrowser: z.boolean().optional(),
  placeholders: z.array(z.string()).optional(),
} as const;

/** An address as it is asked; what comes back is untrusted either way. */
export const FeedUrl = z
  .string()
  .max(2000)
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'must be an http or https address');

/**
 * Some vendors answer only to an older version than the newest: `needsCurrentVersion` marks an address with
 * `{currentVersion}`, and one that is older than all does.
 */
export function withCurrentVersion(url: string, currentVersion: string): string {
  return url.replaceAll('{currentVersion}', encodeURIComponent(currentVersion));
}

export const currentVersion = {
  needsCurrentVersion: z.boolean().optional(),
  currentVersion: z
    .string()
    .regex(/^[\w.-]{1,50}$/, 'must be a version')
    .default('0.0.0'),
} as const;

/** Which of several versions is meant (`chooseReleases`); the recordings have longer words for the same. */
export const OrderName = z
  .enum(['max', 'max-version', 'last', 'last-in-list', 'date', 'first'])
  .transform((name): Order => ORDERS[name]);

const ORDERS = {
  max: 'max',
  'max-version': 'max',
  last: 'last',
  'last-in-list': 'last',
  date: 'date',
  first: 'first',
} as const satisfies Record<string, Order>;

/** Of each version's text: what is left is the version. */
export const versionPattern = {
  patternVerified: z.boolean().optional(),
  replace: z.string().min(1).optional(),
  order: OrderName.optional(),
  /** True: versions that look like prereleases are what this product follows. */
  prerelease: z.boolean().default(false),
  /** Prereleases never come first unless `prerelease` says so; the recordings ask for it once more. */
  excludePrerelease: z.boolean().optional(),
} as const;

/** Sent as it stands, so without control characters. */
export const UserAgent = z.string().regex(/^[\x20-\x7e]{1,300}$/, 'must be printable ASCII');

/** What an answer can be read without, but not be asked for. PermanentError `definition.invalid` where it is absent. */
export function required<Value>(value: Value | undefined, member: string): Value {
  if (value !== undefined) return value;
  throw new PermanentError('definition.invalid', 'a feed cannot be asked', {
    expected: `the member "${member}"`,
    found: 'none',
    nextStep: 'complete the feed in the definition',
  });
}

/** Of a feed with an address of its own. */
export const address = { ...remarks, url: FeedUrl.optional(), userAgent: UserAgent.optional() } as const;

interface Addressed {
  readonly url?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Absent: no older version stands in this kind of address. */
  readonly currentVersion?: string;
}

/** The question at that address. PermanentError `definition.invalid` where there is none. */
export function requestAt({ url, userAgent, currentVersion }: Addressed, accept: string): FeedRequest {
  const stated = required(url, 'url');
  return {
    url: currentVersion === undefined ? stated : withCurrentVersion(stated, currentVersion),
    headers: { accept, ...(userAgent && { 'user-agent': userAgent }) },
  };
}

/** A fault in an expression becomes an issue at its place in the definition. */
export function refused<In, Out>(compile: (value: In) => Out) {
  return (value: In, context: z.RefinementCtx): Out => {
    try {
      return compile(value);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      const { message, where, expected, found } = error;
      context.addIssue({
        code: 'custom',
        message: `${message}: ${where ?? ''} (expected ${expected ?? '?'}, found ${found ?? '?'})`,
      });
      return z.NEVER;
    }
  };
}

/** A definition is decoded once, and its patterns compiled, for as long as it is in use. */
const decodedBefore = new WeakMap<
  FeedDefinition,
  { readonly schema: z.ZodType; readonly options: unknown }
>();

/** PermanentError `definition.invalid` that names every member at fault. */
export function decodeOptions<Schema extends z.ZodType>(
  schema: Schema,
  feed: FeedDefinition,
): z.infer<Schema> {
  const known = decodedBefore.get(feed);
  if (known?.schema === schema) return known.options as z.infer<Schema>;
  const options = decodeAnew(schema, feed);
  decodedBefore.set(feed, { schema, options });
  return options;
}

function decodeAnew<Schema extends z.ZodType>(schema: Schema, feed: FeedDefinition): z.infer<Schema> {
  const decoded = schema.safeParse(feed);
  if (decoded.success) return decoded.data;
  throw new PermanentError('definition.invalid', `a feed of type ${printable(feed.type, 50)} is malformed`, {
    expected: 'the members that catalogs/README.md lists for this type',
    found: printable(
      decoded.error.issues.map(({ path, message }) => `${path.join('.') || 'feed'}: ${message}`).join('; '),
    ),
    nextStep: 'correct the feed in the definition',
  });
}

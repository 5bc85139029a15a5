import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { LedgerWriter } from '../core/ports.js';
import type { TargetName } from '../core/publication.js';

/** What catalogs are about: pending, flush and revisions. */
export const TARGET = 'configmgr-catalog' satisfies TargetName;
/** Where updates of the direct route go, each by itself. */
export const DIRECT_TARGET = 'software-update-point' satisfies TargetName;

const OneUpdate = { packageId: z.guid(), revision: z.int().positive() };
/** By a person; the same request is one piece of work. */
const Asked = { requestId: z.string().min(1).max(100) };

const Input = z.discriminatedUnion('kind', [
  /** Marks one revision as wanted at the target. */
  z.strictObject({ kind: z.literal('publish'), ...OneUpdate }),
  /** Brings everything that is wanted into one revision of the catalog. */
  z.strictObject({ kind: z.literal('flush'), target: z.literal(TARGET) }),
  /** Puts the catalog that stands, and what it names, where another web server serves them. */
  z.strictObject({ kind: z.literal('mirror'), target: z.literal(TARGET) }),
  /** Brings one wanted revision of the direct route to the Software Update Point. */
  z.strictObject({ kind: z.literal('deliver'), ...OneUpdate }),
  /** Follows one published revision through the site to the clients' gateway. */
  z.strictObject({ kind: z.literal('follow'), ...OneUpdate }),
  /** Sees to it that the site learns that this revision is expired. */
  z.strictObject({ kind: z.literal('withdraw'), ...OneUpdate }),
  /** Signs the catalog again as it is. */
  z.strictObject({ kind: z.literal('resign'), target: z.literal(TARGET), ...Asked }),
  /** Publishes the content of what is published as metadata alone. */
  z.strictObject({ kind: z.literal('promote'), ...OneUpdate, ...Asked }),
  /** Promotes what the policy wants promoted where enough computers need it. */
  z.strictObject({ kind: z.literal('promote-required') }),
  /** Has the site publish the content of this revision again. */
  z.strictObject({ kind: z.literal('repair'), ...OneUpdate, ...Asked }),
]);

export type PublishingInput = z.infer<typeof Input>;
export type PublishInput = Extract<PublishingInput, { kind: 'publish' }>;
export type DeliverInput = Extract<PublishingInput, { kind: 'deliver' }>;
export type FollowInput = Extract<PublishingInput, { kind: 'follow' }>;
export type WithdrawInput = Extract<PublishingInput, { kind: 'withdraw' }>;
export type ResignInput = Extract<PublishingInput, { kind: 'resign' }>;
export type PromoteInput = Extract<PublishingInput, { kind: 'promote' }>;
export type RepairInput = Extract<PublishingInput, { kind: 'repair' }>;

export function parseInput(data: unknown): PublishingInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a publishing job is malformed', {
    expected:
      '{kind: publish | deliver | follow | withdraw | promote | promote-required | resign | repair | flush | mirror, ...} with the members of that kind',
    found: z.prettifyError(input.error),
  });
}

/**
 * The flush of a target, and its mirror, are one piece of work for ever: that, with its lease and token, is what makes it single flight on
 * any number of hosts. The catalog's revisions are its history.
 */
export function keyOf(input: PublishingInput): string {
  if (input.kind === 'flush' || input.kind === 'mirror') return `${input.kind}/${input.target}`;
  if (input.kind === 'promote-required') return input.kind;
  if (input.kind === 'resign') return `resign/${input.target}/${input.requestId}`;
  const asked = 'requestId' in input ? [input.requestId] : [];
  return [input.kind, input.packageId, input.revision, ...asked].join('/');
}

/** Work of this stage that an effect puts in; the ledger knows the product, a queue entry need not. */
export async function enqueue(
  ledger: LedgerWriter,
  input: PublishingInput,
  now: Date,
  again: boolean | 'when-finished',
): Promise<void> {
  const subject = { product: null, version: null, variant: null };
  await ledger.enqueue({ stage: 'publishing', input, key: keyOf(input), ...subject, again }, now);
}

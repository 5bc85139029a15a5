import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { Canary, Clock, LedgerReader } from '../core/ports.js';
import { TARGETS } from '../core/publication.js';
import type { Stage } from '../core/stage.js';
import { concludeAgain } from './again.js';
import { concludeFirst, waiting } from './first.js';
import { lookAt } from './look.js';
import type { Standing } from './record.js';
import type { SiteCanary } from './site-canary.js';

const Input = z.object({
  packageId: z.guid(),
  revision: z.int().positive(),
  target: z.enum(TARGETS),
  runId: z.string().min(1).max(100),
});
export type VerificationInput = z.infer<typeof Input>;

/**
 * Stage 6: three remote clients must see what they should and the older one must install it, or computers of the site must
 * have told it that they needed it and have it; then it is `verified`. What is verified is looked at again now and then.
 */
export function createVerificationStage(deps: {
  readonly ledger: LedgerReader;
  readonly canary: Canary | SiteCanary | null;
  readonly clock: Clock;
  /** How often clients look for a gateway that does not answer. */
  readonly pollMs: number;
}): Stage<VerificationInput> {
  return {
    name: 'verification',
    parse: parseInput,
    key: (input) => [input.target, input.packageId, input.revision, input.runId].join('/'),
    // The ledger knows the product; a queue entry need not.
    subject: () => null,
    async run(input, context) {
      const { canary } = deps;
      if (canary === null) return { outcome: 'unchanged', reason: 'no canary is configured' };
      const { update, publication } = await find(deps.ledger, input);
      if (publication.revision !== input.revision) {
        return { outcome: 'unchanged', reason: `revision ${publication.revision} has taken its place` };
      }
      if (publication.state === 'superseded' || publication.state === 'expired') {
        return { outcome: 'unchanged', reason: `the update is ${publication.state}` };
      }
      const standing = { update, publication };
      const look = await lookAt(canary, update, publication);
      const now = deps.clock.now();
      if (look.kind === 'unreachable') return waiting(look, now, deps.pollMs);
      if (publication.state === 'verified') return concludeAgain(standing, look, context, now.toISOString());
      return concludeFirst(deps, standing, look, context, now);
    },
  };
}

function parseInput(data: unknown): VerificationInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a verification job is malformed', {
    expected: '{packageId, revision, target, runId}',
    found: z.prettifyError(input.error),
  });
}

async function find(ledger: LedgerReader, input: VerificationInput): Promise<Standing> {
  const update = await ledger.update(input.packageId);
  const publication = await ledger.publication(input.target, input.packageId);
  if (update !== null && publication !== null) return { update, publication };
  throw new PermanentError('not-found', 'the update to verify was never published', {
    where: `${input.packageId} at ${input.target}`,
    nextStep: 'publish it again',
  });
}

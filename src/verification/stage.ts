import { z } from 'zod';
import { describeFault, PermanentError, RetryableError } from '../core/errors.js';
import type { Canary, CanaryUpdate, Clock, LedgerReader } from '../core/ports.js';
import {
  CANARY_ROLES,
  type CanaryAnswer,
  type CanaryRole,
  expectedCanaries,
  type ProofKind,
  TARGETS,
} from '../core/publication.js';
import { decisionIdOf } from '../core/identity.js';
import type { DecisionRecord, PublicationRecord, UpdateRecord } from '../core/records.js';
import type { Stage } from '../core/stage.js';
import type { DeviceCanary } from './device/canary.js';
import { describeLatency, hopsOf } from './latency.js';
import { nextStepFor } from './next-step.js';

const Input = z.object({
  packageId: z.guid(),
  revision: z.int().positive(),
  target: z.enum(TARGETS),
  runId: z.string().min(1).max(100),
});
export type VerificationInput = z.infer<typeof Input>;

/**
 * Stage 6: three remote clients must see what they should and the older one must install it, or a device of the site must have
 * reported that it needed it and has it; then it is `verified`.
 */
export function createVerificationStage(deps: {
  readonly ledger: LedgerReader;
  readonly canary: Canary | DeviceCanary | null;
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
      const answer = await askCanary(canary, { ...update, revision: input.revision });
      const now = deps.clock.now();
      if ('reason' in answer) {
        return { outcome: 'waiting', until: new Date(now.getTime() + deps.pollMs), ...answer };
      }
      const clients = 'older' in answer ? answer : null;
      if (clients !== null) requireExpected(update, clients);
      const changedAt = now.toISOString();
      const decision = await decisionOf(deps.ledger, update, publication, { ...canary, changedAt });
      context.record(async (ledger) => {
        // Clients take their time: what took its place meanwhile is not overwritten.
        const standing = await ledger.publication(input.target, input.packageId);
        if (standing?.revision !== publication.revision || standing.state !== publication.state) return;
        const proof = { proof: canary.proof, clients };
        await ledger.putPublication({ ...standing, ...proof, state: 'verified', reason: null, changedAt });
        await ledger.putDecision(decision);
      });
      const summary = 'summary' in answer ? answer.summary : 'three clients saw what they should';
      return { outcome: 'advanced', next: [], summary };
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

async function find(
  ledger: LedgerReader,
  input: VerificationInput,
): Promise<{ update: UpdateRecord; publication: PublicationRecord }> {
  const update = await ledger.update(input.packageId);
  const publication = await ledger.publication(input.target, input.packageId);
  if (update !== null && publication !== null) return { update, publication };
  throw new PermanentError('not-found', 'the update to verify was never published', {
    where: `${input.packageId} at ${input.target}`,
    nextStep: 'publish it again',
  });
}

/** What proved it, and how long each hop has taken: kept, and told by `explain`. */
async function decisionOf(
  ledger: LedgerReader,
  update: UpdateRecord,
  publication: PublicationRecord,
  { proof, changedAt }: { readonly proof: ProofKind; readonly changedAt: string },
): Promise<DecisionRecord> {
  const { productId, version, variant, packageId } = update;
  const release = await ledger.release(productId, version);
  const installer = await ledger.installer(productId, version, variant);
  const hops = hopsOf({ release, installer, update, publication, installedAt: changedAt });
  return {
    id: decisionIdOf('verification', `${packageId}/${publication.revision}`, changedAt),
    gate: 'verification',
    workKey: [productId, version, variant].join('/'),
    verdict: 'go',
    reason: `proven by ${proof}: ${describeLatency(hops)}`,
    facts: { packageId, revision: publication.revision, proof, hops },
    decidedAt: changedAt,
  };
}

async function askCanary(canary: Canary | DeviceCanary, update: CanaryUpdate) {
  try {
    return await canary.verify(update);
  } catch (error) {
    return whyUnreachable(error);
  }
}

/** An outage of the gateway says nothing about the update, however long it is: it is looked for until it is over. */
function whyUnreachable(error: unknown): { readonly reason: string; readonly nextStep: string } {
  if (!(error instanceof RetryableError) || error.code !== 'cmg.unreachable') throw error;
  return { reason: describeFault(error), nextStep: error.nextStep ?? '' };
}

/** A wrong answer is never verified: PermanentError `proof.failed` that says which client saw what. */
function requireExpected(update: UpdateRecord, clients: Readonly<Record<CanaryRole, CanaryAnswer>>): void {
  const expected = expectedCanaries(update.kind);
  const wrong = CANARY_ROLES.filter((role) => describe(clients[role]) !== describe(expected[role]));
  if (wrong.length === 0) return;
  throw new PermanentError('proof.failed', 'a remote client saw something else than it should', {
    where: `${update.productId} ${update.version} (${update.packageId})`,
    expected: wrong.map((role) => `${role}: ${describe(expected[role])}`).join('; '),
    found: wrong.map((role) => `${role}: ${describe(clients[role])}`).join('; '),
    nextStep: nextStepFor(wrong.map((role) => clients[role])),
  });
}

function describe(answer: CanaryAnswer): string {
  const { before, after, installed, detail } = answer;
  const change = `${before}, then ${after}, ${installed ? 'installed' : 'nothing installed'}`;
  return detail === undefined ? change : `${change} (${detail})`;
}

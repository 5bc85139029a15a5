import { z } from 'zod';
import { PermanentError } from '../src/core/errors.js';
import type { Attestor, ContentStore, LedgerReader, Signer } from '../src/core/ports.js';
import type { Attestation, DecisionRecord, RevisionRecord, UpdateRecord } from '../src/core/records.js';
import type { NextJob, Stage, StageResult } from '../src/core/stage.js';
import { signContent } from './content.js';

const Input = z.strictObject({ packageId: z.guid(), revision: z.int().positive() });
export type SigningInput = z.infer<typeof Input>;

export interface SigningDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly attestor: Attestor;
  readonly signer: Signer;
}

/**
 * Stage 4: vouches for one revision, so that the signer will sign a catalog that carries it (that signature is made at
 * the flush, over all updates at once). The content cabinet of a direct update that we pack ourselves is signed here.
 */
export function createSigningStage(deps: SigningDeps): Stage<SigningInput> {
  return {
    name: 'signing',
    parse: parseInput,
    key: ({ packageId, revision }) => `${packageId}/${revision}`,
    // The ledger knows the product; a queue entry need not.
    subject: () => null,
    async run(input, context) {
      const { update, revision } = await find(deps.ledger, input);
      const next = publishJob(input);
      if (isVouchedFor(deps.attestor, revision) && revision.content?.signed !== null) {
        return { outcome: 'unchanged', reason: 'this revision is vouched for already', next };
      }
      await requireDocuments(deps.content, revision);
      const decision = await findDecision(deps.ledger, update);
      if (decision.verdict === 'hold') return heldBy(decision);
      const attestation = deps.attestor.attest(statementOf(update, revision, decision.id));
      const content = await signContent(deps, revision.content, attestation);
      const vouched = { ...revision, attestation, ...(content === undefined ? {} : { content }) };
      context.record((ledger) => ledger.putRevision(vouched));
      return { outcome: 'advanced', next, summary: content === undefined ? 'vouched for' : 'content signed' };
    },
  };
}

function parseInput(data: unknown): SigningInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a signing job is malformed', {
    expected: '{packageId, revision}',
    found: z.prettifyError(input.error),
  });
}

async function find(
  ledger: LedgerReader,
  input: SigningInput,
): Promise<{ readonly update: UpdateRecord; readonly revision: RevisionRecord }> {
  const update = await ledger.update(input.packageId);
  const revision = await ledger.revision(input.packageId, input.revision);
  if (update !== null && revision !== null) return { update, revision };
  throw new PermanentError('not-found', 'the revision to vouch for was never built', {
    where: `${input.packageId} revision ${input.revision}`,
    nextStep: 'let the product be synchronised again',
  });
}

function publishJob({ packageId, revision }: SigningInput): readonly NextJob[] {
  return [{ stage: 'publishing', input: { kind: 'publish', packageId, revision } }];
}

/** An attestation under a key that was replaced since counts for nothing: the signer would refuse it. */
function isVouchedFor(attestor: Attestor, { attestation }: RevisionRecord): boolean {
  return attestation !== null && attestor.attest(attestation).signature === attestation.signature;
}

/** What is vouched for is there, whole. PermanentError `content.missing` or `content.corrupt`. */
async function requireDocuments(content: ContentStore, revision: RevisionRecord): Promise<void> {
  await content.get(revision.sdpSha256);
  await content.get(revision.proofSha256);
}

/** The latest word of the gate that lets updates be published. */
async function findDecision(ledger: LedgerReader, update: UpdateRecord): Promise<DecisionRecord> {
  const workKey = [update.productId, update.version, update.variant].join('/');
  const decisions = (await ledger.decisions(workKey)).filter(({ gate }) => gate === 'packages');
  const last = decisions.at(-1);
  if (last !== undefined) return last;
  throw new PermanentError('not-found', 'nobody decided that this update may be published', {
    where: workKey,
    expected: 'a decision of the packages gate',
    found: 'none',
    nextStep: 'let the product be synchronised again',
  });
}

/** The policy was changed after the revision had been built. */
function heldBy({ reason }: DecisionRecord): StageResult {
  return {
    outcome: 'held',
    code: 'policy',
    reason,
    nextStep: 'change the policy or the definition; the next sync tries it again',
  };
}

function statementOf(
  update: UpdateRecord,
  revision: RevisionRecord,
  decisionId: string,
): Omit<Attestation, 'signature'> {
  return {
    packageId: update.packageId,
    revision: revision.revision,
    sdpSha256: revision.sdpSha256,
    payloadSha256: update.payloadSha256,
    proofSha256: revision.proofSha256,
    decisionId,
  };
}

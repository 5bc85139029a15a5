import { describeFault, PermanentError, RetryableError } from '../core/errors.js';
import type { Canary } from '../core/ports.js';
import {
  CANARY_ROLES,
  type CanaryAnswer,
  type CanaryRole,
  expectedCanaries,
  type ProofKind,
} from '../core/publication.js';
import type { ComplianceCounts, PublicationRecord, UpdateRecord } from '../core/records.js';
import { nextStepFor } from './next-step.js';
import type { SiteCanary } from './site-canary.js';

/** What one look of the canary at one update has come to. */
export type Look =
  | (Kept & { readonly kind: 'proven'; readonly proof: ProofKind; readonly summary: string })
  /** Nothing proves it yet; what is contrary speaks against what was proven once. */
  | (Kept & {
      readonly kind: 'unproven';
      readonly reason: string;
      readonly nextStep: string;
      readonly isContrary: boolean;
    })
  | (Kept & { readonly kind: 'refuted'; readonly fault: PermanentError })
  /** An outage says nothing about the update, however long it is. */
  | (Kept & { readonly kind: 'unreachable'; readonly reason: string; readonly nextStep: string });

interface Kept {
  readonly clients?: PublicationRecord['clients'];
  readonly mostRequired?: ComplianceCounts;
}

/** Asks the canary. Errors that say nothing about the update go on. */
export async function lookAt(
  canary: Canary | SiteCanary,
  update: UpdateRecord,
  publication: PublicationRecord,
): Promise<Look> {
  const asked = { ...update, revision: publication.revision };
  try {
    if (canary.proof === 'lab') return judgeClients(update, await canary.verify(asked));
    const { mostRequired, ...answer } = await canary.verify(asked, publication.mostRequired ?? null);
    const kept = mostRequired === undefined ? {} : { mostRequired };
    if ('summary' in answer) return { kind: 'proven', proof: canary.proof, ...answer, ...kept };
    return { kind: 'unproven', ...answer, isContrary: answer.isContrary ?? false, ...kept };
  } catch (error) {
    return lookOfFault(error);
  }
}

function lookOfFault(error: unknown): Look {
  if (error instanceof PermanentError && error.code === 'proof.failed') {
    return { kind: 'refuted', fault: error };
  }
  const isOutage =
    error instanceof RetryableError &&
    (error.code === 'cmg.unreachable' || error.code === 'target.unreachable');
  if (!isOutage) throw error;
  return { kind: 'unreachable', reason: describeFault(error), nextStep: error.nextStep ?? '' };
}

type Clients = Readonly<Record<CanaryRole, CanaryAnswer>>;

function judgeClients(update: UpdateRecord, clients: Clients): Look {
  const expected = expectedCanaries(update.kind);
  const wrong = CANARY_ROLES.filter((role) => describe(clients[role]) !== describe(expected[role]));
  if (wrong.length === 0) {
    return { kind: 'proven', proof: 'lab', summary: 'three clients saw what they should', clients };
  }
  const fault = new PermanentError('proof.failed', 'a remote client saw something else than it should', {
    where: `${update.productId} ${update.version} (${update.packageId})`,
    expected: wrong.map((role) => `${role}: ${describe(expected[role])}`).join('; '),
    found: wrong.map((role) => `${role}: ${describe(clients[role])}`).join('; '),
    nextStep: nextStepFor(wrong.map((role) => clients[role])),
  });
  return { kind: 'refuted', fault, clients };
}

function describe(answer: CanaryAnswer): string {
  const { before, after, installed, detail } = answer;
  const change = `${before}, then ${after}, ${installed ? 'installed' : 'nothing installed'}`;
  return detail === undefined ? change : `${change} (${detail})`;
}

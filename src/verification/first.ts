import type { LedgerReader } from '../core/ports.js';
import type { StageContext, StageResult } from '../core/stage.js';
import type { Look } from './look.js';
import { changeUnlessReplaced, describeProof, type Standing, timesUntilVerified } from './record.js';

/**
 * What a look says of an update that is not verified yet: proven, it is `verified`, and the decision keeps what proved it and
 * when it came to each hop. PermanentError `proof.failed`, which says who saw what.
 */
export async function concludeFirst(
  deps: { readonly ledger: LedgerReader; readonly pollMs: number },
  standing: Standing,
  look: Exclude<Look, { kind: 'unreachable' }>,
  context: StageContext,
  now: Date,
): Promise<StageResult> {
  if (look.kind === 'refuted') throw look.fault;
  if (look.kind === 'unproven') {
    const { mostRequired } = look;
    if (mostRequired !== undefined && mostRequired.at !== standing.publication.mostRequired?.at) {
      context.record((ledger) => changeUnlessReplaced(ledger, standing, { mostRequired }, null));
    }
    return waiting(look, now, deps.pollMs);
  }
  const at = now.toISOString();
  const { proof, clients = null, summary } = look;
  const reachedAt = await timesUntilVerified(deps.ledger, standing, at);
  const change = { state: 'verified', reason: null, proof, clients, reachedAt, changedAt: at } as const;
  const decision = describeProof(standing, proof, reachedAt);
  context.record((ledger) => changeUnlessReplaced(ledger, standing, change, decision));
  return { outcome: 'advanced', next: [], summary };
}

export function waiting(
  { reason, nextStep }: { readonly reason: string; readonly nextStep: string },
  now: Date,
  pollMs: number,
): StageResult {
  return { outcome: 'waiting', until: new Date(now.getTime() + pollMs), reason, nextStep };
}

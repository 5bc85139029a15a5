import { describeLatency, hopsIn, timesUntilBuilt } from '../core/hops.js';
import { decisionIdOf } from '../core/identity.js';
import type { LedgerReader, LedgerWriter } from '../core/ports.js';
import type { HopTimes, ProofKind } from '../core/publication.js';
import type { DecisionRecord, PublicationRecord, UpdateRecord } from '../core/records.js';

/** An update and where it stood when the canary was asked. */
export interface Standing {
  readonly update: UpdateRecord;
  readonly publication: PublicationRecord;
}

/** Changes the publication, unless something took its place while the canary looked. */
export async function changeUnlessReplaced(
  ledger: LedgerWriter,
  { publication }: Standing,
  change: Partial<PublicationRecord>,
  decision: DecisionRecord | null,
): Promise<void> {
  const standing = await ledger.publication(publication.target, publication.packageId);
  if (standing?.revision !== publication.revision || standing.state !== publication.state) return;
  await ledger.putPublication({ ...standing, ...change });
  if (decision !== null) await ledger.putDecision(decision);
}

/** When it came to each hop, from the vendor's release to the proof. */
export async function timesUntilVerified(
  ledger: LedgerReader,
  { update, publication }: Standing,
  verifiedAt: string,
): Promise<HopTimes> {
  const { productId, version, variant } = update;
  const release = await ledger.release(productId, version);
  const installer = await ledger.installer(productId, version, variant);
  return {
    ...timesUntilBuilt({ release, installer, update }),
    ...publication.reachedAt,
    verified: verifiedAt,
  };
}

/** What proved it, and how long each hop has taken: told by `explain`. */
export function describeProof(standing: Standing, proof: ProofKind, times: HopTimes): DecisionRecord {
  const hops = hopsIn(times);
  const reason = `proven by ${proof}: ${describeLatency(hops)}`;
  return decide(standing, 'go', reason, { proof, hops }, times.verified ?? '');
}

/** That the proof no longer holds, or holds again. */
export function describeChange(
  standing: Standing,
  verdict: DecisionRecord['verdict'],
  reason: string,
  at: string,
): DecisionRecord {
  return decide(standing, verdict, reason, {}, at);
}

function decide(
  { update, publication }: Standing,
  verdict: DecisionRecord['verdict'],
  reason: string,
  facts: object,
  decidedAt: string,
): DecisionRecord {
  const { productId, version, variant, packageId } = update;
  const { revision } = publication;
  return {
    id: decisionIdOf('verification', `${packageId}/${revision}`, decidedAt),
    gate: 'verification',
    workKey: [productId, version, variant].join('/'),
    verdict,
    reason,
    facts: { packageId, revision, ...facts },
    decidedAt,
  };
}

import type { FeedStateRecord } from '../records.js';
import type { FeedFinding } from './record.js';

/** One feed as a person sees it. */
export interface FeedHealth {
  readonly productId: string;
  readonly feedIndex: number;
  readonly isHealthy: boolean;
  /** ISO 8601 UTC; null: it never gave a good answer. */
  readonly lastGoodAt: string | null;
  readonly lastError: string | null;
  readonly failures: number;
  readonly findings: readonly FeedFinding[];
  /** One sentence. */
  readonly reason: string;
  /** Empty where nothing is to be done. */
  readonly nextStep: string;
}

/** The vendor's own feed; those behind it hold nobody up, and are unwell only where they disagree. */
const OWN = 0;

export function describeHealth(state: FeedStateRecord): FeedHealth {
  const { productId, feedIndex, lastGoodAt, lastError, health } = state;
  const findings = health?.findings ?? [];
  const isFailing = lastError !== null && feedIndex === OWN;
  const failed = isFailing ? `its last try failed: ${lastError}` : null;
  const reasons = [failed, ...findings.map(({ reason }) => reason)].filter((one) => one !== null);
  return {
    productId,
    feedIndex,
    isHealthy: reasons.length === 0,
    lastGoodAt,
    lastError,
    failures: health?.failures ?? 0,
    findings,
    reason: reasons.length === 0 ? 'it answers as it always did' : reasons.join('; '),
    nextStep:
      findings[0]?.nextStep ??
      (isFailing ? 'it is asked again by itself; if it lasts, correct the definition' : ''),
  };
}

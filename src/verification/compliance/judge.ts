import type { ComplianceCounts } from '../../core/records.js';

export interface ComplianceVerdict {
  /** Fewer need it and more have it than when most needed it. */
  readonly isProven: boolean;
  /** As many need it again, and no more have it, than when most needed it. */
  readonly isContrary: boolean;
  /** What the next reading is compared with. */
  readonly mostRequired: ComplianceCounts;
}

/**
 * Compares what a collection says now with the time at which most of it needed the update. That moves up while computers
 * still come to know of it; a fall alone may be computers that left, a rise alone computers that came with it. Pure.
 */
export function judgeCompliance(
  now: ComplianceCounts,
  mostRequired: ComplianceCounts | null,
): ComplianceVerdict {
  if (mostRequired === null) return { isProven: false, isContrary: false, mostRequired: now };
  const isMore = now.required > mostRequired.required;
  return {
    isProven: now.required < mostRequired.required && now.installed > mostRequired.installed,
    isContrary:
      now.required > 0 && now.required >= mostRequired.required && now.installed <= mostRequired.installed,
    mostRequired: isMore ? now : mostRequired,
  };
}

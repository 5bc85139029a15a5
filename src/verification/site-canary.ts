import type { CanaryUpdate } from '../core/ports.js';
import type { ComplianceCounts } from '../core/records.js';

/** Computers of a real site, as the site tells of them: nothing is done to them from here. */
export interface SiteCanary {
  readonly proof: 'device' | 'compliance';
  /**
   * Whether they have proven the update by now, or what it waits for. `mostRequired`: what an earlier answer gave. Errors
   * of the site; PermanentError `proof.failed` where computers install it in vain.
   */
  verify(update: CanaryUpdate, mostRequired: ComplianceCounts | null): Promise<SiteAnswer>;
}

export type SiteAnswer =
  | { readonly summary: string; readonly mostRequired?: ComplianceCounts }
  | {
      readonly reason: string;
      readonly nextStep: string;
      /** The site tells something that speaks against the update, not only nothing for it. */
      readonly isContrary?: true;
      readonly mostRequired?: ComplianceCounts;
    };

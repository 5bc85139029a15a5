import type { Plan } from '../../core/plan.js';
import type { LedgerWriter } from '../../core/ports.js';
import type { RepublishIntent } from '../../core/publication.js';
import type { NextJob } from '../../core/stage.js';
import type { Operator } from '../deps.js';

/** What is asked for by hand. `to`: a PackageID, or a version of the same product. */
export type VerbRequest =
  | { readonly verb: RepublishIntent | 'promote' | 'expire'; readonly packageId: string }
  | { readonly verb: 'rollback'; readonly packageId: string; readonly to: string }
  /** Version null: of `hold` the whole product; of `approve` all of it that is held now. */
  | { readonly verb: 'hold' | 'approve'; readonly productId: string; readonly version: string | null }
  | { readonly verb: 'disown'; readonly productId: string; readonly version: string };

export interface PerformRequest {
  readonly what: VerbRequest;
  readonly reason: string;
  readonly operator: Operator;
  /** The digest of the plan that was previewed; another one now is `plan.stale`. Absent: whatever stands. */
  readonly plan?: string;
  /** The same request id twice is done once: a double click, a repeated call. Absent: the plan is the request. */
  readonly requestId?: string;
}

export interface Performed {
  readonly requestId: string;
  readonly plan: Plan;
  /** False: this request was carried out before, or there was nothing to do. Nothing new was done. */
  readonly isNew: boolean;
}

/** A plan and what carries it out. */
export interface Prepared {
  readonly plan: Plan;
  /** Under which the audit keeps it: a PackageID, or the id of a product. */
  readonly subject: string;
  /** Work put into the line. */
  readonly jobs: (requestId: string) => readonly NextJob[];
  /** What a person's word changes by itself. */
  readonly effects: (ledger: LedgerWriter, by: Spoken) => Promise<void>;
}

export interface Spoken {
  readonly name: string;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

export async function noEffects(): Promise<void> {}

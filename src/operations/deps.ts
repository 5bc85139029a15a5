import type { Policy } from '../core/decide.js';
import type { Clock, ContentStore, JobQueue, Ledger, ProductCatalog } from '../core/ports.js';
import type { TargetName } from '../core/publication.js';
import type { ProductSelection } from '../core/selection.js';
import type { NextJob, StageResult } from '../core/stage.js';

export interface OperationsDeps {
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  readonly content: ContentStore;
  readonly products: ProductCatalog;
  /** What a person's yes can answer is asked of the same gates as the line asks. */
  readonly policy: Policy;
  /** Which products are synchronised; absent: all of tiers A and B that the policy publishes. */
  readonly selection?: ProductSelection;
  readonly clock: Clock;
  readonly target: TargetName;
  /** Our own catalog, and its names in WSUS; absent: this host does not know it. */
  readonly catalog?: { readonly name: string; readonly vendorName: string; readonly productName: string };
  /** The key and subject of a job, as the stage that will run it sees them. */
  readonly describeWork: (job: NextJob) => {
    readonly key: string;
    readonly product: string | null;
    readonly version: string | null;
    readonly variant: string | null;
  };
  /** Runs a stage without its effects, for a look ahead; absent: this host does not run stages. */
  readonly rehearse?: (job: NextJob) => Promise<StageResult>;
  /** Wakes the outbox relay. */
  readonly onEnqueued: () => void;
}

/** Who asked: a person by login name, or `schedule`, `demo`, `command line`. */
export interface Operator {
  readonly name: string;
}

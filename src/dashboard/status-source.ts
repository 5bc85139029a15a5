import type { Operations } from '../operations/operations.js';
import type { Overview } from '../operations/overview.js';

/** What a page shows: the overview, and when the next sync is. */
export interface Status extends Overview {
  readonly schedule: readonly { readonly catalog: string; readonly at: string | null }[];
}

export interface StatusSource {
  read(): Promise<Status>;
}

interface Sources {
  readonly operations: Operations;
  readonly schedule?: () => Promise<readonly { readonly catalog: string; readonly at: Date | null }[]>;
}

/** How old an answer may be that several open pages share: so long at least, and a multiple of what it took to find. */
const SHARED_MS = 500;
const SHARED_TIMES = 5;

/** However many pages are open, the ledger is asked for one overview at a time. */
export function createStatusSource(sources: Sources): StatusSource {
  let shared: { until: number; readonly status: Promise<Status> } | null = null;
  return {
    read() {
      const at = performance.now();
      if (shared !== null && at < shared.until) return shared.status;
      const asked = { until: Number.POSITIVE_INFINITY, status: readStatus(sources) };
      shared = asked;
      asked.status.then(
        () => {
          const now = performance.now();
          asked.until = now + Math.max(SHARED_MS, (now - at) * SHARED_TIMES);
        },
        () => {
          if (shared === asked) shared = null;
        },
      );
      return asked.status;
    },
  };
}

async function readStatus({ operations, schedule }: Sources): Promise<Status> {
  const [overview, next] = await Promise.all([operations.overview(), schedule?.() ?? []]);
  return {
    ...overview,
    schedule: next.map(({ catalog, at }) => ({ catalog, at: at?.toISOString() ?? null })),
  };
}

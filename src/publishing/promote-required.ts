import type { Clock, LedgerReader, LedgerWriter, Site } from '../core/ports.js';
import { contentWishOf, TARGETS } from '../core/publication.js';
import type { PublicationRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { enqueue } from './jobs.js';
import { heldByPerson } from './person-hold.js';
import { takeTurn } from './turn.js';

export interface PromoteRequiredDeps {
  readonly ledger: LedgerReader;
  readonly clock: Clock;
  readonly site: Site | null;
  /** How many computers must need an update before its content is published by itself; null: a person promotes it. */
  promoteAtFor(productId: string): number | null;
}

interface Needed {
  readonly publication: PublicationRecord;
  readonly required: number;
  readonly promoteAt: number;
}

/** Promotes what rests as metadata alone, and no person holds, where the site counts enough computers that need it (`NumMissing`). */
export async function promoteRequired(
  deps: PromoteRequiredDeps,
  context: StageContext,
): Promise<StageResult> {
  const resting = await findResting(deps);
  if (resting.length === 0)
    return { outcome: 'unchanged', reason: 'nothing rests as metadata that may be promoted' };
  if (deps.site === null)
    return { outcome: 'unchanged', reason: 'no site is configured that could count computers' };
  const states = await deps.site.updates(resting.map(({ publication }) => publication.packageId));
  const counts = new Map(states.map(({ packageId, required }) => [packageId, required ?? 0]));
  const needed = resting
    .map((one) => ({ ...one, required: counts.get(one.publication.packageId) ?? 0 }))
    .filter(({ required, promoteAt }) => required >= promoteAt);
  const now = deps.clock.now();
  context.record((ledger) => promoteAll(ledger, needed, now));
  return {
    outcome: 'advanced',
    next: [],
    summary: `${needed.length} of ${resting.length} are needed enough`,
  };
}

async function findResting(deps: PromoteRequiredDeps): Promise<readonly Omit<Needed, 'required'>[]> {
  const found: Omit<Needed, 'required'>[] = [];
  for (const target of TARGETS) {
    for (const publication of await deps.ledger.publications(target)) {
      if (publication.state !== 'visible' || contentWishOf(publication) === 'full') continue;
      const update = await deps.ledger.update(publication.packageId);
      const promoteAt = update === null ? null : deps.promoteAtFor(update.productId);
      if (promoteAt === null || (await heldByPerson(deps.ledger, publication)) !== null) continue;
      found.push({ publication, promoteAt });
    }
  }
  return found;
}

/** The policy's promotion is one request for ever; `promote` looks whether it still stands. */
async function promoteAll(ledger: LedgerWriter, needed: readonly Needed[], now: Date): Promise<void> {
  const at = now.toISOString();
  if (needed.length > 0) await takeTurn(ledger, at);
  for (const { publication, required, promoteAt } of needed) {
    const { packageId, revision } = publication;
    await enqueue(
      ledger,
      { kind: 'promote', packageId, revision, requestId: 'policy' },
      now,
      'when-finished',
    );
    const detail = JSON.stringify({ required, promoteAt, revision });
    await ledger.appendAudit({ at, actor: 'policy', action: 'promote', subject: packageId, detail });
  }
}

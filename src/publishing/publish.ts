import type { Clock, LedgerWriter } from '../core/ports.js';
import type { PublicationRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { type EntryDeps, loadEntry } from './configmgr-catalog/entry.js';
import { enqueue, type PublishInput, TARGET } from './jobs.js';
import { takeTurn } from './turn.js';

/**
 * Marks a revision as pending and wakes the flush. Its data is checked here first, so that an update which cannot be
 * published fails by itself, with its own reason, and no other waits for it.
 */
export async function publish(
  deps: EntryDeps & { readonly clock: Clock },
  input: PublishInput,
  context: StageContext,
): Promise<StageResult> {
  const passed = whyPassed(await deps.ledger.publication(TARGET, input.packageId), input.revision);
  if (passed !== null) return { outcome: 'unchanged', reason: passed };
  await loadEntry(deps, input);
  const now = deps.clock.now();
  context.record((ledger) => markPending(ledger, input, now));
  return { outcome: 'advanced', next: [], summary: 'waits for the next revision of the catalog' };
}

/** Why this revision need not be published, or null; a pending one may need its flush woken. */
function whyPassed(standing: PublicationRecord | null, revision: number): string | null {
  if (standing === null || standing.revision < revision) return null;
  if (standing.revision > revision) return `revision ${standing.revision} has taken its place`;
  return standing.state === 'pending' ? null : `revision ${revision} is ${standing.state} already`;
}

async function markPending(ledger: LedgerWriter, input: PublishInput, now: Date): Promise<void> {
  const at = now.toISOString();
  await takeTurn(ledger, at);
  const standing = await ledger.publication(TARGET, input.packageId);
  if (whyPassed(standing, input.revision) !== null) return;
  await ledger.putPublication({
    packageId: input.packageId,
    revision: input.revision,
    target: TARGET,
    state: 'pending',
    // Until the flush, the catalog still has what stood before.
    catalogRevision: standing?.catalogRevision ?? null,
    reason: null,
    proof: null,
    clients: null,
    startedAt: standing?.revision === input.revision ? standing.startedAt : at,
    changedAt: at,
  });
  await enqueue(ledger, { kind: 'flush', target: TARGET }, now, 'when-finished');
}

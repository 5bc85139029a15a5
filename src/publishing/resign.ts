import type { Clock, LedgerReader, LedgerWriter } from '../core/ports.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { enqueue, type ResignInput, TARGET } from './jobs.js';
import { takeTurn } from './turn.js';

/** Settings of the ledger: the last request to sign the catalog again, and the last that was answered. */
const WANTED = `publishing.${TARGET}.resign-wanted`;
const ANSWERED = `publishing.${TARGET}.resign-answered`;

/**
 * The flush signs: it is the one that makes revisions of the catalog, one at a time. This leaves it the wish and wakes it;
 * a flush that runs meanwhile sees the wish at its end and is woken again.
 */
export async function resign(
  deps: { readonly ledger: LedgerReader; readonly clock: Clock },
  { requestId }: ResignInput,
  context: StageContext,
): Promise<StageResult> {
  if ((await deps.ledger.latestCatalogRevision(TARGET)) === null) {
    return { outcome: 'unchanged', reason: 'no catalog was published yet' };
  }
  const now = deps.clock.now();
  context.record(async (ledger) => {
    await takeTurn(ledger, now.toISOString());
    await ledger.putSetting(WANTED, requestId);
    await enqueue(ledger, { kind: 'flush', target: TARGET }, now, 'when-finished');
  });
  return { outcome: 'advanced', next: [], summary: 'waits for the next revision of the catalog' };
}

/** The request that no revision of the catalog has answered yet, or null. */
export async function wantedResign(ledger: LedgerReader): Promise<string | null> {
  const wanted = await ledger.setting(WANTED);
  return wanted === (await ledger.setting(ANSWERED)) ? null : wanted;
}

export async function isResignWanted(ledger: LedgerReader): Promise<boolean> {
  return (await wantedResign(ledger)) !== null;
}

/** In the transaction that makes the new revision the one that stands. */
export async function answerResign(ledger: LedgerWriter, requestId: string): Promise<void> {
  await ledger.putSetting(ANSWERED, requestId);
}

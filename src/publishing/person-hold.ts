import { printable } from '../core/errors.js';
import type { LedgerReader } from '../core/ports.js';
import type { StageResult } from '../core/stage.js';
import { readWord } from '../core/word.js';

/**
 * A hold also stops what was built before it was said, until it goes out. What a person asked for after a bad release goes
 * on: the withdrawal of an update, and what a rollback puts in its place (the only updates with a respin).
 */
export async function heldByPerson(
  ledger: LedgerReader,
  { packageId, revision }: { readonly packageId: string; readonly revision: number },
): Promise<StageResult | null> {
  const update = await ledger.update(packageId);
  if (update === null || update.respin > 0) return null;
  if ((await ledger.revision(packageId, revision))?.expired === true) return null;
  const word = await readWord(ledger, update.productId, update.version);
  if (word?.verdict !== 'hold' && word?.verdict !== 'disown') return null;
  return {
    outcome: 'held',
    code: 'held-by-person',
    reason: printable(`${word.by} holds it: ${word.reason}`),
    nextStep: 'approve it when it may go out; the next sync carries it on',
  };
}

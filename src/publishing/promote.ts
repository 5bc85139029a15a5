import type { Clock, LedgerReader, LedgerWriter } from '../core/ports.js';
import { contentWishOf } from '../core/publication.js';
import type { PublicationRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { DIRECT_TARGET, enqueue, type PromoteInput } from './jobs.js';
import { publicationOf, takeTurn } from './turn.js';

/**
 * From metadata alone to content, under the same PackageID and revision. Of the catalog's route the site publishes it,
 * which `follow` asks for; of the direct route it is delivered anew, over what the Software Update Point has.
 */
export async function promote(
  deps: { readonly ledger: LedgerReader; readonly clock: Clock },
  input: PromoteInput,
  context: StageContext,
): Promise<StageResult> {
  const publication = await publicationOf(deps.ledger, input.packageId);
  const over = whyNot(publication, input);
  if (over !== null) return { outcome: 'unchanged', reason: over };
  const now = deps.clock.now();
  context.record((ledger) => markFull(ledger, input, now));
  return { outcome: 'advanced', next: [], summary: 'its content is published now' };
}

function whyNot(publication: PublicationRecord | null, { revision }: PromoteInput): string | null {
  if (publication === null) return 'it was never published';
  if (publication.revision !== revision) return `revision ${publication.revision} has taken its place`;
  if (contentWishOf(publication) === 'full') return 'its content is published already, or on the way';
  const { state } = publication;
  return state === 'superseded' || state === 'expired' ? `it is ${state}` : null;
}

/** One that is still pending is brought there with its content in the first place. */
async function markFull(ledger: LedgerWriter, input: PromoteInput, now: Date): Promise<void> {
  const at = now.toISOString();
  await takeTurn(ledger, at);
  const standing = await publicationOf(ledger, input.packageId);
  if (standing === null || whyNot(standing, input) !== null) return;
  const { packageId, revision, target } = standing;
  const isDirect = target === DIRECT_TARGET;
  const state = isDirect ? 'pending' : standing.state;
  await ledger.putPublication({ ...standing, content: 'full', state, reason: null, changedAt: at });
  if (isDirect) await enqueue(ledger, { kind: 'deliver', packageId, revision }, now, 'when-finished');
  else if (state !== 'pending')
    await enqueue(ledger, { kind: 'follow', packageId, revision }, now, 'when-finished');
}

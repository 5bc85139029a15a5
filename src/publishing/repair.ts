import type { Site } from '../core/ports.js';
import { contentWishOf, LIFECYCLE } from '../core/publication.js';
import type { PublicationRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { type Hop, hopOf } from './configuration-manager/hop.js';
import type { SiteSyncs } from './configuration-manager/syncs.js';
import { type FollowDeps, verificationJob } from './follow.js';
import { DIRECT_TARGET, enqueue, type RepairInput } from './jobs.js';
import { askForContent, stateAtSite } from './site-state.js';
import { publicationOf, takeTurn } from './turn.js';

/**
 * Has the site publish the content again and looks what it has. Where the site has less than was recorded, the update
 * goes back to that hop and is followed anew, to the proof on the clients; where it has all, whether clients can have it
 * is asked of them, since what was lost may be back by the asking alone.
 */
export async function repair(
  deps: FollowDeps,
  input: RepairInput,
  context: StageContext,
): Promise<StageResult> {
  const { ledger, clock, site, syncs } = deps;
  const publication = await publicationOf(ledger, input.packageId);
  const revision = await ledger.revision(input.packageId, input.revision);
  const over = whyOver(publication, input);
  if (over !== null || publication === null || revision === null) {
    return { outcome: 'unchanged', reason: over ?? 'this revision is not known' };
  }
  if (site === null || syncs === null) {
    return {
      outcome: 'unchanged',
      reason: 'no site is configured: publish its content again in the console',
    };
  }
  const told = await askSite(site, syncs, publication, clock.now());
  const hop = hopOf(await stateAtSite(site, input.packageId), revision);
  if (!isBehind(hop, publication)) {
    const isWithClients = publication.state === 'distributed' || publication.state === 'verified';
    const next = isWithClients ? [verificationJob(input, publication.target)] : [];
    return { outcome: 'advanced', next, summary: `${told}; it has it` };
  }
  const now = clock.now();
  context.record(async (writer) => {
    await takeTurn(writer, now.toISOString());
    const standing = await publicationOf(writer, input.packageId);
    if (standing === null || whyOver(standing, input) !== null) return;
    const reason = `repaired: the site had less than was recorded (${standing.state})`;
    const back = { state: hop, reason, proof: null, clients: null, changedAt: now.toISOString() } as const;
    await writer.putPublication({ ...standing, ...back });
    const { packageId, revision: number } = input;
    await enqueue(writer, { kind: 'follow', packageId, revision: number }, now, 'when-finished');
  });
  return { outcome: 'advanced', next: [], summary: `${told}; it is followed again from ${hop}` };
}

function whyOver(publication: PublicationRecord | null, { revision }: RepairInput): string | null {
  if (publication === null) return 'it was never published';
  if (publication.revision !== revision) return `revision ${publication.revision} has taken its place`;
  const { state } = publication;
  return state === 'superseded' || state === 'expired' || state === 'pending' ? `it is ${state}` : null;
}

function isBehind(hop: Hop, { state }: PublicationRecord): boolean {
  const order: readonly string[] = LIFECYCLE;
  return order.indexOf(hop) < order.indexOf(state) && hop !== 'distributed';
}

/** Returns what was asked, or in words why the site would not; what it then shows decides. */
async function askSite(
  site: Site,
  syncs: SiteSyncs,
  publication: PublicationRecord,
  now: Date,
): Promise<string> {
  const { packageId, target } = publication;
  if (target === DIRECT_TARGET || contentWishOf(publication) === 'metadata') {
    // What is WSUS' own the site cannot publish (11524), it only brings it to the gateway.
    await syncs.show();
    return 'the site was asked to synchronise again';
  }
  const refusal = await askForContent(site, packageId);
  await (refusal === null ? syncs.show() : syncs.refresh(now));
  const asked = 'the site was asked to publish its content again';
  return refusal === null ? asked : `${asked}: ${refusal}`;
}

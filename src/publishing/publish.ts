import type { Clock, LedgerWriter } from '../core/ports.js';
import { type ContentWish, contentWishOf, TARGET_OF, type TargetName } from '../core/publication.js';
import type { PublicationRecord, UpdateRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { type EntryDeps, loadEntry } from './configmgr-catalog/entry.js';
import { DIRECT_TARGET, enqueue, type PublishInput, TARGET } from './jobs.js';
import { heldByPerson } from './person-hold.js';
import { loadDelivery } from './software-update-point/delivery.js';
import { publicationOf, takeTurn } from './turn.js';

export interface PublishDeps extends EntryDeps {
  readonly clock: Clock;
  /** What the policy wants published of a product's updates. */
  contentWishFor(productId: string): ContentWish;
}

/**
 * Marks a revision as pending at the target of its route and wakes what brings it there: the flush of the catalog, or
 * its own delivery. Its data is checked here first, so that an update which cannot be published fails by itself, with
 * its own reason, and no other waits for it.
 */
export async function publish(
  deps: PublishDeps,
  input: PublishInput,
  context: StageContext,
): Promise<StageResult> {
  const update = await deps.ledger.update(input.packageId);
  const route = update?.route ?? 'catalog';
  const target = TARGET_OF[route];
  const standing = await deps.ledger.publication(target, input.packageId);
  const passed = whyPassed(standing, input.revision);
  if (passed !== null) return { outcome: 'unchanged', reason: passed };
  const held = await heldByPerson(deps.ledger, input);
  if (held !== null) return held;
  const wish = nextWish(standing, update === null ? 'full' : await firstWish(deps, update));
  await (route === 'direct' ? loadDelivery(deps, input, wish) : loadEntry(deps, input));
  const now = deps.clock.now();
  context.record((ledger) => markPending(ledger, { target, wish, now }, input));
  return { outcome: 'advanced', next: [], summary: WAITS[target] };
}

const WAITS: Readonly<Record<TargetName, string>> = {
  [TARGET]: 'waits for the next revision of the catalog',
  [DIRECT_TARGET]: 'waits for its delivery to the Software Update Point',
};

/** Why this revision need not be published, or null; a pending one may need its flush or delivery woken. */
function whyPassed(standing: PublicationRecord | null, revision: number): string | null {
  if (standing === null || standing.revision < revision) return null;
  if (standing.revision > revision) return `revision ${standing.revision} has taken its place`;
  return standing.state === 'pending' ? null : `revision ${revision} is ${standing.state} already`;
}

/** What is built again in the place of another (a rollback, other payload) is published as that one was; else the policy decides. */
async function firstWish(deps: PublishDeps, update: UpdateRecord): Promise<ContentWish> {
  const [replaced] = update.respin === 0 ? [] : update.supersedes;
  const before = replaced === undefined ? null : await publicationOf(deps.ledger, replaced);
  return nextWish(before, deps.contentWishFor(update.productId));
}

/** Content that was once published cannot be taken back from a PackageID. */
function nextWish(standing: PublicationRecord | null, wish: ContentWish): ContentWish {
  return standing === null || contentWishOf(standing) === 'metadata' ? wish : 'full';
}

async function markPending(
  ledger: LedgerWriter,
  to: { readonly target: TargetName; readonly wish: ContentWish; readonly now: Date },
  { packageId, revision }: PublishInput,
): Promise<void> {
  const { target, now } = to;
  const at = now.toISOString();
  await takeTurn(ledger, at);
  const standing = await ledger.publication(target, packageId);
  if (whyPassed(standing, revision) !== null) return;
  await ledger.putPublication({
    packageId,
    revision,
    target,
    state: 'pending',
    // Until the flush, the catalog still has what stood before.
    catalogRevision: standing?.catalogRevision ?? null,
    content: nextWish(standing, to.wish),
    reason: null,
    proof: null,
    clients: null,
    startedAt: standing?.revision === revision ? standing.startedAt : at,
    changedAt: at,
    // What computers install is the update: the next revision goes on from what they needed.
    ...(standing?.mostRequired === undefined ? {} : { mostRequired: standing.mostRequired }),
  });
  const next =
    target === TARGET
      ? ({ kind: 'flush', target } as const)
      : ({ kind: 'deliver', packageId, revision } as const);
  await enqueue(ledger, next, now, 'when-finished');
}

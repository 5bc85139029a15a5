import { PermanentError, printable } from '../core/errors.js';
import type { Mirror } from '../core/mirror.js';
import type { Clock, ContentStore, LedgerReader, Site, SiteUpdateState } from '../core/ports.js';
import { contentWishOf, TARGET_OF, type TargetName } from '../core/publication.js';
import type { PublicationRecord, RevisionRecord, UpdateRecord } from '../core/records.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { type Hop, hopOf, WAITS_FOR } from './configuration-manager/hop.js';
import { NEXT_STEP, nextStepFor } from './configuration-manager/next-steps.js';
import type { Obstacle } from './configuration-manager/obstacle.js';
import type { SiteSyncs } from './configuration-manager/syncs.js';
import { clearSuperseded, type DeployingDeps, DISTRIBUTED, type Seen, withDeployment } from './deploying.js';
import { enableCategories, syncObstacle } from './enabling.js';
import type { FollowInput } from './jobs.js';
import { whyNotMirrored } from './mirror.js';
import { askForContent, stateAtSite } from './site-state.js';
import { changeStanding, whyOver } from './turn.js';

export interface FollowDeps extends DeployingDeps {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly site: Site | null;
  /** Whether our product may be ticked in the site's software update point component. */
  readonly enableProducts: boolean;
  /** Whether a classification may be, which brings what others have filed under it too. */
  readonly enableClassifications: boolean;
  readonly syncs: SiteSyncs | null;
  /** How often the site is asked. */
  readonly pollMs: number;
  readonly mirror: Mirror | null;
}

/** The ledger alone is asked. */
const MIRROR_POLL_MS = 15_000;

const NO_SITE =
  "published; no site is configured, so what follows cannot be seen from here: look at the catalog's sync in the console";

const METADATA_ALONE =
  'published as metadata alone: clients tell whether they need it, and nothing can be installed until it is promoted';

/** One look at how far the site has an update; it is asked for what is missing, and what it then shows is recorded. */
export async function follow(
  deps: FollowDeps,
  input: FollowInput,
  context: StageContext,
): Promise<StageResult> {
  const { update, publication, revision } = await find(deps.ledger, input);
  const { target } = publication;
  const over = whyOver(publication, input.revision);
  if (over !== null) return { outcome: 'unchanged', reason: over };
  const now = deps.clock.now();
  const record = (state: Hop, reason: string | null): void =>
    context.record((ledger) => changeStanding(ledger, input, { state, reason }, now.toISOString()));
  if (deps.site === null || deps.syncs === null) {
    record('published', NO_SITE);
    return { outcome: 'unchanged', reason: NO_SITE };
  }
  const behind = await whyNotMirrored(deps, publication.catalogRevision);
  if (behind !== null) {
    record('published', behind);
    const until = new Date(now.getTime() + Math.min(deps.pollMs, MIRROR_POLL_MS));
    return { outcome: 'waiting', until, reason: behind };
  }
  const found = { update, publication, revision };
  const reached = await advance({ ...deps, site: deps.site, syncs: deps.syncs }, found, now);
  const seen = await withDeployment(deps, publication, reached);
  if (seen.hop === 'visible' && contentWishOf(publication) === 'metadata' && !seen.isRefused) {
    record(seen.hop, METADATA_ALONE);
    return {
      outcome: 'advanced',
      next: [],
      summary: 'the site shows its metadata, which is all that is wanted',
    };
  }
  if (seen.hop === 'distributed') {
    await clearSuperseded(deps, update, context.log);
    record(seen.hop, null);
    return { outcome: 'advanced', next: [verificationJob(input, target)], summary: 'on the CMG' };
  }
  // Effects of a failed turn do not stand, so a refusal is recorded first, and is final when the next look has it too.
  const isKnown = publication.state === seen.hop && publication.reason === seen.reason;
  if (seen.isRefused && isKnown) throw refused(input, target, seen);
  record(seen.hop, seen.reason);
  const { reason, nextStep } = seen;
  return { outcome: 'waiting', until: new Date(now.getTime() + deps.pollMs), reason, nextStep };
}

interface Followed {
  readonly update: UpdateRecord;
  readonly publication: PublicationRecord;
  readonly revision: RevisionRecord;
}

async function find(ledger: LedgerReader, input: FollowInput): Promise<Followed> {
  const update = await ledger.update(input.packageId);
  const publication = update && (await ledger.publication(TARGET_OF[update.route], input.packageId));
  const revision = await ledger.revision(input.packageId, input.revision);
  if (update !== null && publication !== null && revision !== null) return { update, publication, revision };
  throw new PermanentError('not-found', 'the update to follow was never published', {
    where: `${input.packageId} revision ${input.revision}`,
    nextStep: 'publish it',
  });
}

/**
 * One sync in a poll is enough for all who wait, but it must have started after this was published. A fault may be mended
 * since it was seen: that is asked anew.
 */
function servingFrom(
  deps: FollowDeps,
  publication: PublicationRecord,
  state: SiteUpdateState,
  now: Date,
): Date {
  if (state.fault !== null) return now;
  return new Date(Math.max(Date.parse(publication.changedAt), now.getTime() - deps.pollMs));
}

/**
 * Asks what the site has, asks for what is missing, and reads back: an answer to a call proves nothing. Of the direct
 * route metadata and content are at the Software Update Point already: only the site's look at it is missing. Of metadata
 * alone no content is asked for; a site whose category publishes it by itself has it, and is followed on.
 */
async function advance(
  deps: FollowDeps & { readonly site: Site; readonly syncs: SiteSyncs },
  { update, publication, revision }: Followed,
  now: Date,
): Promise<Seen> {
  const { packageId, route } = update;
  const isFull = contentWishOf(publication) === 'full';
  let state = await stateAtSite(deps.site, packageId);
  const since = servingFrom(deps, publication, state, now);
  if (hopOf(state, revision) === 'published') {
    await (route === 'direct' ? deps.syncs.show() : deps.syncs.refresh(since));
    state = await stateAtSite(deps.site, packageId);
  }
  let obstacle: Obstacle | null = null;
  if (hopOf(state, revision) === 'published' && state.fault === null) {
    const enabled = await enableCategories(deps, revision);
    if (enabled === 'enabled') {
      await deps.syncs.show();
      state = await stateAtSite(deps.site, packageId);
    } else obstacle = enabled;
  }
  let refusal: string | null = null;
  if (isFull && hopOf(state, revision) === 'visible') {
    refusal = route === 'catalog' ? await askForContent(deps.site, packageId) : null;
    await (refusal === null ? deps.syncs.show() : deps.syncs.refresh(since));
    state = await stateAtSite(deps.site, packageId);
  }
  const hop = hopOf(state, revision);
  if (state.fault === null && (hop === 'published' || hop === 'visible')) {
    obstacle = (await syncObstacle(deps.site)) ?? obstacle;
  }
  return judge(state, hop, { waitsFor: WAITS_FOR[route], refusal, obstacle });
}

function judge(
  state: SiteUpdateState,
  hop: Hop,
  {
    waitsFor,
    refusal,
    obstacle,
  }: {
    readonly waitsFor: (typeof WAITS_FOR)['catalog'];
    readonly refusal: string | null;
    readonly obstacle: Obstacle | null;
  },
): Seen {
  if (hop === 'distributed') return DISTRIBUTED;
  if (state.fault !== null && hop !== 'deployable') {
    const reason = `the site refuses it: ${printable(state.fault)}`;
    return { hop, reason, nextStep: nextStepFor(state.fault), isRefused: true };
  }
  if (obstacle !== null && hop !== 'deployable') {
    return { hop, reason: printable(obstacle.reason), nextStep: obstacle.nextStep, isRefused: false };
  }
  const detail = hop === 'visible' && refusal !== null ? `; asked for it: ${refusal}` : '';
  return { hop, reason: `${waitsFor[hop]}${detail}`, nextStep: NEXT_STEP[hop], isRefused: false };
}

function refused(input: FollowInput, target: TargetName, { reason, nextStep }: Seen): PermanentError {
  return new PermanentError('target.refused', reason, {
    where: `${input.packageId} revision ${input.revision} at ${target}`,
    nextStep,
  });
}

/** Each revision is proven once; anew only after a repair. */
export function verificationJob(
  { packageId, revision }: Pick<FollowInput, 'packageId' | 'revision'>,
  target: TargetName,
) {
  const input = { packageId, revision, target, runId: `r${revision}` };
  return { stage: 'verification', input, again: 'when-finished' } as const;
}

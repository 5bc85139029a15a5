import { runDeploymentRule } from './content/deployment-rule.js';
import { relativeContentFile } from './content/publish.js';
import { readPackageFacts } from './package-facts.js';
import { isSubscribed, revealCategories } from './site-categories.js';
import type { SiteRow, StoredUpdate, SupState } from './state.js';
import type { World } from './world.js';

/** ERROR_WINHTTP_TIMEOUT: the site did not reach its update server. */
const TIMED_OUT = 12002;

/**
 * A synchronization of the software update point (`SMS_SoftwareUpdate.SyncNow`): only now does the site show what the
 * update server has, of the products and classifications that are ticked; new ones are revealed. Its outcome is kept, not thrown: a real
 * site answers before it is done.
 */
export function syncSite(world: World): void {
  const { state, options } = world;
  const at = options.now().toISOString();
  if (options.faults?.sync === 'failed') {
    state.siteSync = { at, successAt: state.siteSync?.successAt ?? null, errorCode: TIMED_OUT };
    world.commit();
    return;
  }
  const updates = Object.values(state.updates);
  const superseded = supersededIds(updates);
  for (const update of updates) {
    if (!isSubscribed(state, update)) continue;
    const known = state.site[update.packageId];
    const isDeclined = known?.isDeclined ?? false;
    state.site[update.packageId] = {
      ...rowOf(update, superseded, known?.ciId ?? takeCiId(world)),
      isDeclined,
    };
  }
  declineSuperseded(state, updates);
  revealCategories(state);
  runDeploymentRule(world);
  state.siteSync = { at, successAt: at, errorCode: 0 };
  world.commit();
}

/**
 * The supersedence rules of the component: a superseded update expires in the site and is declined on its update server.
 * The lab does so at once, but never before clients can have what takes its place. Declined stays declined, also when
 * that is expired later: only an approval takes it back (wsus-publishing 1.2).
 */
function declineSuperseded(state: SupState, updates: readonly StoredUpdate[]): void {
  const ready = updates.filter(({ packageId }) => state.site[packageId]?.isDeployable === true);
  const superseded = supersededIds(ready);
  for (const row of Object.values(state.site)) row.isDeclined ||= superseded.has(row.packageId);
}

function takeCiId(world: World): number {
  const { nextCiId } = world.state;
  world.state.nextCiId += 1;
  return nextCiId;
}

function rowOf(
  update: StoredUpdate,
  superseded: ReadonlySet<string>,
  ciId: number,
): Omit<SiteRow, 'isDeclined'> {
  const facts = readPackageFacts(update.sdp);
  return {
    ciId,
    packageId: update.packageId,
    title: facts.title,
    revision: update.revision,
    revisedAt: update.creationDate,
    isMetadataOnly: update.content === null,
    isDeployable: update.content !== null && !update.isExpired,
    isExpired: update.isExpired,
    isSuperseded: superseded.has(update.packageId),
    contentFile: update.content === null ? null : relativeContentFile(update.content.sha1),
  };
}

function supersededIds(updates: readonly StoredUpdate[]): ReadonlySet<string> {
  return new Set(
    updates
      .filter((update) => !update.isExpired)
      .flatMap((update) => readPackageFacts(update.sdp).supersedes),
  );
}

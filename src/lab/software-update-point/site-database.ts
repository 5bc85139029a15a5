import { distribute } from './content/distribute.js';
import { relativeContentFile } from './content/publish.js';
import { readPackageFacts } from './package-facts.js';
import type { SiteRow, StoredUpdate } from './state.js';
import type { World } from './world.js';

/**
 * A synchronization of the software update point (`SMS_SoftwareUpdate.SyncNow`): only now does the site show what the
 * update server has. What became deployable is distributed to the gateway, as an automatic deployment rule would do.
 */
export function syncSite(world: World): void {
  const { state, options } = world;
  const superseded = supersededIds(Object.values(state.updates));
  for (const update of Object.values(state.updates)) {
    const row = rowOf(update, superseded, state.site[update.packageId]?.ciId ?? takeCiId(world));
    state.site[update.packageId] = row;
    if (row.isDeployable && row.contentFile !== null) {
      distribute(world.contentFolder, options.distributionFolder, row.contentFile);
    }
  }
  world.commit();
}

function takeCiId(world: World): number {
  const { nextCiId } = world.state;
  world.state.nextCiId += 1;
  return nextCiId;
}

function rowOf(update: StoredUpdate, superseded: ReadonlySet<string>, ciId: number): SiteRow {
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

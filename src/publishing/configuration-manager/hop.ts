import type { SiteUpdateState } from '../../core/ports.js';
import type { Route } from '../../core/publication.js';
import type { RevisionRecord } from '../../core/records.js';

/** How far the site has an update (design section 6): each hop is read back from it, none is assumed. */
export type Hop = 'published' | 'visible' | 'deployable' | 'distributed';

export function hopOf(
  state: SiteUpdateState,
  revision: Pick<RevisionRecord, 'revision' | 'creationDate'>,
): Hop {
  if (!isShown(state, revision)) return 'published';
  if (state.isMetadataOnly || !state.isDeployable) return 'visible';
  return state.isContentProvisioned ? 'distributed' : 'deployable';
}

/** A site that does not say which metadata it shows can show only one where there was never another. */
function isShown(
  state: SiteUpdateState,
  { revision, creationDate }: Pick<RevisionRecord, 'revision' | 'creationDate'>,
): boolean {
  const revisedAt = Date.parse(state.revisedAt ?? '');
  if (!Number.isNaN(revisedAt)) return revisedAt >= Date.parse(creationDate);
  const isThere = state.revision !== null || state.isMetadataOnly || state.isDeployable;
  return isThere && revision === 1;
}

const NOT_DISTRIBUTED =
  'its content is published in the site; it is not on a content-enabled CMG yet: an automatic deployment rule, or a package on a distribution point group that holds the CMG, brings it there';

/** What the update stands waiting for at this hop, for the dashboard. */
export const WAITS_FOR: Readonly<Record<Route, Readonly<Record<Exclude<Hop, 'distributed'>, string>>>> = {
  catalog: {
    published:
      'the catalog has it; the site does not show this revision yet (catalog and software update syncs)',
    visible: 'the site shows its metadata; its content is not published in the site yet',
    deployable: NOT_DISTRIBUTED,
  },
  direct: {
    published:
      'the Software Update Point has it; the site does not show this revision yet (software update sync)',
    visible: 'the site shows its metadata; it does not show its content yet (software update sync)',
    deployable: NOT_DISTRIBUTED,
  },
};

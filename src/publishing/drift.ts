import type { SiteUpdateState } from '../core/ports.js';
import { contentWishOf, type TargetName } from '../core/publication.js';
import type { PublicationRecord, RevisionRecord } from '../core/records.js';
import { hopOf } from './configuration-manager/hop.js';
import type { ListedUpdate } from './software-update-point/bridge.js';

/** Where a target has something else than the ledger says. */
export interface Drift {
  readonly packageId: string;
  readonly target: TargetName | 'site';
  readonly ledger: string;
  readonly found: string;
  readonly nextStep: string;
}

export interface Recorded {
  readonly publication: PublicationRecord;
  readonly revision: Pick<RevisionRecord, 'revision' | 'creationDate'>;
}

const OFFERED = new Set<PublicationRecord['state']>([
  'published',
  'visible',
  'deployable',
  'distributed',
  'verified',
]);
const HOPS = ['published', 'visible', 'deployable', 'distributed'] as const;

/** Of the direct route: what the update server has against what was recorded. Others' updates there are none of ours. */
export function driftAtServer(
  recorded: readonly Recorded[],
  listed: readonly ListedUpdate[],
): readonly Drift[] {
  const there = new Map(listed.map((one) => [one.packageId, one]));
  return recorded.flatMap(({ publication, revision }) => {
    const { packageId, state } = publication;
    const drift = (found: string, nextStep: string): Drift[] => [
      { packageId, target: 'software-update-point', ledger: state, found, nextStep },
    ];
    const found = there.get(packageId);
    const wasDeleted = state === 'superseded' || state === 'expired';
    if (found === undefined) return wasDeleted ? [] : absent(state, drift);
    if (state === 'expired')
      return found.isExpired || found.isDeclined ? [] : drift('offered', `patchpress expire ${packageId}`);
    if (!OFFERED.has(state)) return [];
    if (found.isExpired)
      return drift('expired', 'somebody expired it in WSUS: publish a newer version, or roll back');
    if (found.isDeclined)
      return drift('declined', `somebody declined it in WSUS: patchpress server undecline ${packageId}`);
    if (!found.hasContent && contentWishOf(publication) === 'full')
      return drift(
        'metadata without content',
        'look for a shared SUSDB, antivirus or a clean-up; then publish a newer version',
      );
    const isOlder = Date.parse(found.creationDate) < Date.parse(revision.creationDate);
    return isOlder
      ? drift(`metadata of ${found.creationDate}`, `patchpress republish ${packageId} --intent revise`)
      : [];
  });
}

function absent(
  state: string,
  drift: (found: string, nextStep: string) => readonly Drift[],
): readonly Drift[] {
  if (state === 'pending') return [];
  return drift('nothing', 'somebody deleted it in WSUS: its PackageID is spent, so publish a newer version');
}

/** How far the site has what was recorded as further. */
export function driftAtSite(
  recorded: readonly Recorded[],
  states: readonly SiteUpdateState[],
): readonly Drift[] {
  const shown = new Map(states.map((one) => [one.packageId, one]));
  return recorded.flatMap(({ publication, revision }) => {
    const { packageId, state } = publication;
    const site = shown.get(packageId);
    const reached = state === 'verified' ? 'distributed' : state;
    const expected = (HOPS as readonly string[]).indexOf(reached);
    if (site === undefined || expected < 1) return [];
    const found = hopOf(site, revision);
    if (HOPS.indexOf(found) >= expected) return [];
    const nextStep = `patchpress republish ${packageId} --intent repair`;
    return [{ packageId, target: 'site' as const, ledger: state, found: site.fault ?? found, nextStep }];
  });
}

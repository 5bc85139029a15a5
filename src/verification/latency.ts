import type { InstallerRecord, PublicationRecord, ReleaseRecord, UpdateRecord } from '../core/records.js';

/** When a release came to each point of its way; a point that nobody has told is left out. */
export interface Hop {
  readonly hop: 'released' | 'seen' | 'acquired' | 'built' | 'published' | 'distributed' | 'installed';
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** From the vendor's own date, where the feed tells a believable one, to the clients' proof. */
export function hopsOf(facts: {
  readonly release: ReleaseRecord | null;
  readonly installer: InstallerRecord | null;
  readonly update: UpdateRecord;
  readonly publication: PublicationRecord;
  readonly installedAt: string;
}): readonly Hop[] {
  const { release, installer, update, publication, installedAt } = facts;
  const distributedAt = publication.state === 'distributed' ? publication.changedAt : null;
  const points: readonly (readonly [Hop['hop'], string | null])[] = [
    ['released', releasedAt(release)],
    ['seen', release?.seenAt ?? null],
    ['acquired', installer?.acquiredAt ?? null],
    ['built', update.createdAt],
    ['published', publication.startedAt],
    ['distributed', distributedAt],
    ['installed', installedAt],
  ];
  return points.flatMap(([hop, at]) => (at === null ? [] : [{ hop, at }]));
}

/** A feed's time is untrusted: one that is later than the day the release was seen does not count. */
function releasedAt(release: ReleaseRecord | null): string | null {
  const told = Date.parse(release?.release.publishedAt ?? '');
  return release !== null && told <= Date.parse(release.seenAt) ? new Date(told).toISOString() : null;
}

/** `seen 2 h after released, built 3 min later, ...; 2 d 4 h in all`. */
export function describeLatency(hops: readonly Hop[]): string {
  const [first] = hops;
  const last = hops.at(-1);
  if (first === undefined || last === undefined) return 'no times are known';
  const steps = hops
    .slice(1)
    .map(({ hop, at }, index) => `${hop} after ${spanBetween(hops[index]?.at ?? at, at)}`);
  return `${first.hop} ${first.at}, ${steps.join(', ')}; ${spanBetween(first.at, last.at)} in all`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest units: `2 d 4 h`. Times that run backwards are 0 s. */
function spanBetween(from: string, to: string): string {
  let seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

import { HOPS, type HopName, type HopTimes } from './publication.js';
import type { InstallerRecord, PublicationRecord, ReleaseRecord, UpdateRecord } from './records.js';

/** When a release came to one point of its way. */
export interface Hop {
  readonly hop: HopName;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** In the order of the way. */
export function hopsIn(times: HopTimes): readonly Hop[] {
  return HOPS.flatMap((hop) => {
    const at = times[hop];
    return at === undefined ? [] : [{ hop, at }];
  });
}

/** Before it was published: from the vendor's own date, where the feed tells a believable one, to the build. */
export function timesUntilBuilt(facts: {
  readonly release: ReleaseRecord | null;
  readonly installer: InstallerRecord | null;
  readonly update: UpdateRecord;
}): HopTimes {
  const { release, installer, update } = facts;
  const releasedAt = releasedAtOf(release);
  return {
    ...(releasedAt === null ? {} : { released: releasedAt }),
    ...(release === null ? {} : { seen: release.seenAt }),
    ...(installer === null ? {} : { acquired: installer.acquiredAt }),
    built: update.createdAt,
  };
}

/** A feed's time is untrusted: one that is later than the day the release was seen does not count. */
function releasedAtOf(release: ReleaseRecord | null): string | null {
  const told = Date.parse(release?.release.publishedAt ?? '');
  return release !== null && told <= Date.parse(release.seenAt) ? new Date(told).toISOString() : null;
}

/**
 * The record as it is kept: with the times of what stood before, where that was the same revision, and its own. The first
 * time counts: an update that is verified again, or that the site shows again, does not come to a hop twice.
 */
export function withHopTimes(record: PublicationRecord, before: PublicationRecord): PublicationRecord {
  const known = before.revision === record.revision ? { ...record.reachedAt, ...before.reachedAt } : {};
  const hop = HOPS.find((one) => one === record.state);
  const times = hop === undefined ? known : { [hop]: record.changedAt, ...known };
  const { reachedAt: _, ...rest } = record;
  return Object.keys(times).length === 0 ? rest : { ...rest, reachedAt: times };
}

/** `seen after 2 h, built after 3 min, ...; 2 d 4 h in all`. */
export function describeLatency(hops: readonly Hop[]): string {
  const [first] = hops;
  const last = hops.at(-1);
  if (first === undefined || last === undefined) return 'no times are known';
  if (first === last) return `${first.hop} ${first.at}`;
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
export function spanBetween(from: string, to: string): string {
  let seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

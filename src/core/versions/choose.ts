import type { VersionScheme } from '../ports.js';
import { date } from './date.js';
import { letters } from './letters.js';
import { numeric } from './numeric.js';
import { semver } from './semver.js';

/**
 * The plainest first. `letters` orders all that `date` and `semver` do, but for dates in two spellings and for words in
 * prereleases, and does not read the `-2` of `1.4.0-2` as a prerelease.
 */
const PLAINEST_FIRST: readonly VersionScheme[] = [numeric, letters, date, semver];

/**
 * The name of the scheme for a product with these versions, newest first: the plainest that knows them all and under
 * which none is newer than the one before it. Where none is such (watchers write odd versions and sort by text), the one
 * that knows most of them, and of these the one with the fewest steps backwards.
 */
export function schemeFor(versions: readonly string[]): string {
  const [first, ...others] = PLAINEST_FIRST.map((scheme) => ({ scheme, ...misfits(scheme, versions) }));
  return others.reduce(
    (best, one) =>
      one.unknown < best.unknown || (one.unknown === best.unknown && one.backwards < best.backwards)
        ? one
        : best,
    first ?? { scheme: numeric, unknown: 0, backwards: 0 },
  ).scheme.name;
}

function misfits(scheme: VersionScheme, versions: readonly string[]): { unknown: number; backwards: number } {
  const known = versions.filter(scheme.isVersion);
  const backwards = known.slice(1).filter((older, at) => scheme.compare(known[at] ?? '', older) < 0);
  return { unknown: versions.length - known.length, backwards: backwards.length };
}

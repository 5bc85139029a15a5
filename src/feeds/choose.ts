import type { VersionScheme } from '../core/ports.js';
import type { Release } from '../core/release.js';

/**
 * Which of several versions in an answer is meant: `first` (of a text or a page also where nothing is said), `last`;
 * `max`, the newest of all; `date`, the one that was published last.
 */
export type Order = 'first' | 'last' | 'max' | 'date';

/**
 * The release that is meant, then the others newest first. It is one that can be used where there is any; where
 * everything is a prerelease, one of these, so that the stage can say what it found.
 */
export function chooseReleases(
  releases: readonly Release[],
  order: Order | undefined,
  scheme: VersionScheme,
): readonly Release[] {
  const known = releases.filter(({ version }) => scheme.isVersion(version));
  const usable = known.filter(({ prerelease, withdrawn }) => !prerelease && !withdrawn);
  const candidates = [usable, known, releases].find(({ length }) => length > 0) ?? [];
  const chosen = pick(candidates, order ?? 'first', scheme);
  const others = newestFirst(releases, scheme).filter((one) => one !== chosen);
  return chosen === undefined ? others : [chosen, ...others];
}

function pick(releases: readonly Release[], order: Order, scheme: VersionScheme): Release | undefined {
  if (order === 'first') return releases[0];
  if (order === 'last') return releases.at(-1);
  const newest = newestFirst(releases, scheme);
  return order === 'max' ? newest[0] : newest.reduce<Release | undefined>(laterOf, undefined);
}

/** Of two on the same day, the first: it is the newer version. */
function laterOf(a: Release | undefined, b: Release): Release {
  const day = (one: Release) => one.publishedAt?.slice(0, 10) ?? '';
  return a === undefined || day(b) > day(a) ? b : a;
}

export function newestFirst(releases: readonly Release[], scheme: VersionScheme): readonly Release[] {
  return [...releases].sort((a, b) => scheme.compare(b.version, a.version));
}

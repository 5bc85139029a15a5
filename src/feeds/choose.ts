import type { VersionScheme } from '../core/ports.js';
import type { Release } from '../core/release.js';

/** Which of several versions in an answer is meant: absent, the first; `last`; `max`, the newest of all. */
export type Order = 'max' | 'last' | undefined;

/** Newest first. What cannot be used stays only where nothing can, so that the stage can say what it found. */
export function chooseReleases(
  releases: readonly Release[],
  order: Order,
  scheme: VersionScheme,
): readonly Release[] {
  if (order === 'max') return newestFirst(releases, scheme);
  const usable = releases.filter((one) => !one.prerelease && scheme.isVersion(one.version));
  const chosen = order === 'last' ? usable.at(-1) : usable[0];
  return chosen === undefined ? newestFirst(releases, scheme) : [chosen];
}

export function newestFirst(releases: readonly Release[], scheme: VersionScheme): readonly Release[] {
  return [...releases].sort((a, b) => scheme.compare(b.version, a.version));
}

import type { VersionScheme } from '../ports.js';
import { date } from './date.js';
import { letters } from './letters.js';
import { numeric } from './numeric.js';
import { semver } from './semver.js';

/** By the `versionScheme` of a definition. */
export const versionSchemes: ReadonlyMap<string, VersionScheme> = new Map(
  [numeric, semver, letters, date].map((scheme) => [scheme.name, scheme]),
);

export { schemeFor } from './choose.js';
export { looksLikePrerelease } from './prerelease.js';

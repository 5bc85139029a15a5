// Not the whole package: its ranges are 40 files that every process would load.
import type { SemVer } from 'semver';
import compareBuild from 'semver/functions/compare-build.js';
import parse from 'semver/functions/parse.js';
import type { VersionScheme } from '../ports.js';
import { fourParts, LONGEST_VERSION } from './four-parts.js';
import { orderKnown } from './order.js';

/** Semantic Versioning 2.0.0, a leading `v` allowed. Builds are ordered too: vendors do ship `16.0.2+7` and `+8`. */
export const semver: VersionScheme = {
  name: 'semver',
  compare: orderKnown(read, compareBuild),
  isVersion: (text) => read(text) !== null,
  // A prerelease or a build has no place in four numbers.
  toFourParts: (text) => (read(text) === null ? null : fourParts(text)),
};

/** The package trims; a version with spaces around it is none. */
function read(text: string): SemVer | null {
  return text.length > LONGEST_VERSION || text !== text.trim() ? null : parse(text);
}

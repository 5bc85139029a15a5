import { sortCveIds } from '../core/cve.js';
import { PermanentError } from '../core/errors.js';
import type { FeedResponse, Release, ReleaseAsset } from '../core/release.js';
import type { Pattern } from '../text/pattern.js';
import { describeText, malformed } from './answer.js';
import { looksLikePrerelease, versionIn } from './version-text.js';

export { timeOf } from './time.js';

/** A version at one place of an answer, with what stands beside it. */
export interface Found {
  readonly version: string;
  readonly assets?: readonly ReleaseAsset[];
  /** ISO 8601. */
  readonly publishedAt?: string | null;
  readonly notesUrl?: string | null;
  readonly cveIds?: readonly string[];
  /** The place says so; a version may also say so itself. */
  readonly isMarkedPrerelease?: boolean;
  readonly isWithdrawn?: boolean;
}

/** Where `pattern` is found in a text. PermanentError `feed.malformed` where it is nowhere. */
export function foundInText(
  response: FeedResponse,
  text: string,
  { pattern, replace }: { readonly pattern: Pattern; readonly replace?: string | undefined },
): readonly Found[] {
  const versionsIn = (searched: string) =>
    pattern.all(searched).flatMap((match) => {
      const version = versionIn(match, replace)?.trim() ?? '';
      return /\d/.test(version) ? [{ version }] : [];
    });
  const asWritten = versionsIn(text);
  const found = asWritten.length > 0 ? asWritten : versionsIn(withPlainLines(text));
  if (found.length > 0) return found;
  throw malformed(response, `text like ${pattern.source}`, describeText(text));
}

/** `$` stands before a line feed alone, and at the very end. */
function withPlainLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

/** Vendors list a few thousand at most. */
const MOST_FOUND = 20_000;

/** PermanentError `feed.malformed`: before anything is done for each of them. */
export function refuseTooMany(count: number): void {
  if (count <= MOST_FOUND) return;
  throw new PermanentError('feed.malformed', 'the answer holds too many versions', {
    expected: `at most ${MOST_FOUND}`,
    found: `${count}`,
    nextStep: 'narrow the selector of the feed in the definition',
  });
}

/**
 * One release per version, where it is first found, with every file that is found for it. `prerelease`: what looks like
 * one is what the product follows; `excludePrerelease`: what is one is left out.
 */
export function releasesOf(
  found: readonly Found[],
  options: { readonly prerelease: boolean; readonly excludePrerelease?: boolean | undefined },
): readonly Release[] {
  const releases = distinctVersions(found, options.prerelease);
  return options.excludePrerelease === true ? releases.filter((one) => !one.prerelease) : releases;
}

function distinctVersions(found: readonly Found[], followsPrereleases: boolean): readonly Release[] {
  refuseTooMany(found.length);
  const places = new Map<string, Found[]>();
  for (const one of found) {
    const beside = places.get(one.version);
    if (beside === undefined) places.set(one.version, [one]);
    else beside.push(one);
  }
  return [...places].map(([version, beside]) => ({
    version,
    prerelease:
      !followsPrereleases &&
      (looksLikePrerelease(version) || beside.every((one) => one.isMarkedPrerelease === true)),
    publishedAt: beside.find((one) => one.publishedAt)?.publishedAt ?? null,
    assets: distinct(beside.flatMap(({ assets = [] }) => assets)),
    notesUrl: beside.find((one) => one.notesUrl)?.notesUrl ?? null,
    withdrawn: beside.every((one) => one.isWithdrawn === true),
    ...cveIdsOf(beside),
  }));
}

function cveIdsOf(beside: readonly Found[]): Pick<Release, 'cveIds'> {
  const cveIds = sortCveIds(beside.flatMap((one) => one.cveIds ?? []));
  return cveIds.length === 0 ? {} : { cveIds };
}

function distinct(assets: readonly ReleaseAsset[]): readonly ReleaseAsset[] {
  return [...new Map(assets.map((asset) => [asset.url, asset])).values()];
}

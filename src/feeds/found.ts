import type { FeedResponse, Release, ReleaseAsset } from '../core/release.js';
import type { Pattern } from '../text/pattern.js';
import { describeText, malformed } from './answer.js';
import { looksLikePrerelease, versionIn } from './version-text.js';

/** A version at one place of an answer, with what stands beside it. */
export interface Found {
  readonly version: string;
  readonly assets?: readonly ReleaseAsset[];
  /** ISO 8601. */
  readonly publishedAt?: string | null;
  readonly notesUrl?: string | null;
  /** The place says so; a version may also say so itself. */
  readonly isMarkedPrerelease?: boolean;
}

/** Where `pattern` is found in a text. PermanentError `feed.malformed` where it is nowhere. */
export function foundInText(
  response: FeedResponse,
  text: string,
  { pattern, replace }: { readonly pattern: Pattern; readonly replace?: string | undefined },
): readonly Found[] {
  const found = pattern.all(text).flatMap((match) => {
    const version = versionIn(match, replace)?.trim() ?? '';
    return version === '' ? [] : [{ version }];
  });
  if (found.length > 0) return found;
  throw malformed(response, `text like ${pattern.source}`, describeText(text));
}

/** One release per version, where it is first found, with every file that is found for it. */
export function releasesOf(
  found: readonly Found[],
  { followsPrereleases }: { readonly followsPrereleases: boolean },
): readonly Release[] {
  const places = new Map<string, Found[]>();
  for (const one of found) places.set(one.version, [...(places.get(one.version) ?? []), one]);
  return [...places].map(([version, beside]) => ({
    version,
    prerelease:
      !followsPrereleases &&
      (looksLikePrerelease(version) || beside.every((one) => one.isMarkedPrerelease === true)),
    publishedAt: beside.find((one) => one.publishedAt)?.publishedAt ?? null,
    assets: distinct(beside.flatMap(({ assets = [] }) => assets)),
    notesUrl: beside.find((one) => one.notesUrl)?.notesUrl ?? null,
    withdrawn: false,
  }));
}

function distinct(assets: readonly ReleaseAsset[]): readonly ReleaseAsset[] {
  return [...new Map(assets.map((asset) => [asset.url, asset])).values()];
}

/** RFC 822 and ISO 8601, as feeds write them; null where it is neither. */
export function timeOf(text: string | null | undefined): string | null {
  // "UT" is RFC 822's own word for UTC, which Date.parse does not know.
  const time = Date.parse((text ?? '').trim().replace(/\bUT$/, 'UTC'));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

import { createHash } from 'node:crypto';
import { PermanentError } from '../../core/errors.js';
import type { FeedDefinition } from '../../core/product.js';
import type { FarmAnswer, FarmAsset, FarmRelease } from './answer.js';
import { mergeAnswers } from './merge.js';
import { usualVersions } from './versions.js';
import { answerWriters } from './writers/index.js';

/** Some product's feed, and the address where it is asked. */
export interface FarmFeed {
  readonly productId: string;
  readonly feed: FeedDefinition;
  readonly url: string;
  /** What is posted there; absent: it is asked with GET. */
  readonly body?: string;
  /** The version `step` releases after the first; absent: one of the usual forms that the feed can show. */
  readonly versionAt?: (step: number) => string;
  /** The files of a version; absent: one that is only named. */
  readonly assetsOf?: (version: string) => readonly FarmAsset[];
  /** The version that the feed's reader finds in an answer; null: none, or it finds a fault. */
  readonly readVersion: (answer: FarmAnswer) => string | null;
}

/** By the id of a product. */
export type Versions = ReadonlyMap<string, string>;

/** What an address answers, and the version that each of its products finds there. */
export interface Shown {
  readonly answer: FarmAnswer;
  readonly versions: Versions;
}

/** The feed alone: the first version and form that its reader reads back; null where there is none. */
export function planAnswer(one: FarmFeed, step: number): Shown | null {
  const versions = one.versionAt === undefined ? usualVersions(one.feed, step) : [one.versionAt(step)];
  for (const version of versions) {
    const answer = answerWith(one, version, step);
    if (answer !== null) return { answer, versions: new Map([[one.productId, withoutV(version)]]) };
  }
  return null;
}

/**
 * What an address answers that several products ask: all of them find their version in one document. A product that
 * does not is left out of `versions`.
 */
export function planAddress(feeds: readonly FarmFeed[], step: number): Shown | null {
  return feeds.reduce<Shown | null>((shown, one) => {
    const alone = planAnswer(one, step);
    if (shown === null || alone === null) return alone ?? shown;
    const answer = mergeAnswers(shown.answer, alone.answer);
    const versions = answer && versionsIn(answer, feeds, new Map([...shown.versions, ...alone.versions]));
    return answer === null || versions === null ? shown : { answer, versions };
  }, null);
}

/** Null where one of the products finds another version in the answer than the planned one. */
function versionsIn(answer: FarmAnswer, feeds: readonly FarmFeed[], planned: Versions) {
  const isRead = feeds.every((one) => {
    const version = planned.get(one.productId);
    return version === undefined || isShown(one.readVersion(answer), version);
  });
  return isRead ? planned : null;
}

/** The answer in which the reader finds this version; null where the feed cannot show it. */
export function answerWith(one: FarmFeed, version: string, step: number): FarmAnswer | null {
  const release = {
    version,
    publishedAt: new Date(FIRST_RELEASE + step * DAY_MS).toISOString(),
    assets: one.assetsOf?.(version) ?? [namedAsset(one, version)],
  };
  return answersFor(one, release).find((answer) => isShown(one.readVersion(answer), version)) ?? null;
}

/** Readers leave out the `v` before a version, where no pattern says otherwise. */
function isShown(read: string | null, version: string): boolean {
  return read !== null && withoutV(read) === withoutV(version);
}

function withoutV(version: string): string {
  return version.replace(/^v(?=\d)/i, '');
}

/** None where the selector is one that only its reader can make something of. */
function answersFor({ feed, url }: FarmFeed, release: FarmRelease): readonly FarmAnswer[] {
  try {
    return answerWriters.get(feed.type)?.(feed, release, new URL(url)) ?? [];
  } catch (error) {
    if (error instanceof PermanentError) return [];
    throw error;
  }
}

const FIRST_RELEASE = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;

/** A file that is named and described, and that nobody fetches. */
function namedAsset({ productId, url }: FarmFeed, version: string): FarmAsset {
  const name = `${productId.split('.').at(-1)}-${version}-x64-setup.exe`.replaceAll(/[^\w.+-]/g, '-');
  return {
    name,
    url: new URL(`/download/${encodeURIComponent(name)}`, url).href,
    sizeBytes: 1_000_000 + version.length,
    sha256: createHash('sha256').update(`${productId}/${version}`).digest('hex'),
  };
}

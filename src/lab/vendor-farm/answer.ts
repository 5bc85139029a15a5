import type { FeedDefinition } from '../../core/product.js';

/** A version as a stand-in vendor ships it. */
export interface FarmRelease {
  readonly version: string;
  /** ISO 8601. */
  readonly publishedAt: string;
  readonly assets: readonly FarmAsset[];
}

export interface FarmAsset {
  readonly name: string;
  readonly url: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The same, where the file is really there. */
  readonly sha1?: string;
  readonly sha512?: string;
}

/** What a feed's address answers. */
export type FarmAnswer =
  | { readonly kind: 'feed'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'redirect'; readonly location: string };

/**
 * The inverse of a reader: answers in the real shape of a feed type that should show the release, the likeliest first.
 * More than one, because a selector does not always tell on which side of it the version stands; none, where the
 * version cannot stand in this feed.
 */
export type AnswerWriter = (feed: FeedDefinition, release: FarmRelease, url: URL) => readonly FarmAnswer[];

export function jsonAnswer(value: unknown): FarmAnswer {
  return {
    kind: 'feed',
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(value, null, 1),
  };
}

export function xmlAnswer(body: string): FarmAnswer {
  return {
    kind: 'feed',
    contentType: 'application/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="utf-8"?>\n${body}\n`,
  };
}

export function textAnswer(body: string): FarmAnswer {
  return { kind: 'feed', contentType: 'text/plain; charset=utf-8', body };
}

export function pageAnswer(body: string): FarmAnswer {
  return { kind: 'feed', contentType: 'text/html; charset=utf-8', body };
}

/** A text option of a feed; null where it has none. */
export function optionOf(feed: FeedDefinition, name: string): string | null {
  const value = feed[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The texts of a feed's pattern with this version, or the version itself; none where it does not fit. */
export function patternOf(feed: FeedDefinition): { pattern: string; replace?: string } | null {
  const pattern = optionOf(feed, 'pattern');
  const replace = optionOf(feed, 'replace');
  return pattern === null ? null : { pattern, ...(replace === null ? {} : { replace }) };
}

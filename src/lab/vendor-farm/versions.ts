import type { FeedDefinition } from '../../core/product.js';
import { optionOf } from './answer.js';
import { versionLike, writeAny } from './pattern-text.js';

/** The forms that versions have in the wild; later steps are newer in each. */
export function usualVersions(feed: FeedDefinition, step: number): readonly string[] {
  const minor = step + 1;
  return [
    `3.${minor}.0`,
    `3.${minor}`,
    `3.${minor}.0.1`,
    `3.${minor}.0-1`,
    `3.${minor}.0-rev1`,
    `${300 + minor}`,
    `${3000 + minor}`,
    `2026.${minor}.0`,
    ...likePattern(feed, step),
    ...likeFilter(feed, minor),
  ];
}

function likePattern(feed: FeedDefinition, step: number): readonly string[] {
  const replace = optionOf(feed, 'replace') ?? undefined;
  return ['pattern', 'tagPattern'].flatMap((name) => {
    const pattern = optionOf(feed, name);
    return pattern === null ? [] : (versionLike({ pattern, replace }, step) ?? []);
  });
}

/** `[?(@.version=~/^v20\./)].version`: only versions that begin so are shown. */
function likeFilter(feed: FeedDefinition, minor: number): readonly string[] {
  const beginning = /=~\s*\/(\^[^/]+)\//.exec(optionOf(feed, 'path') ?? '')?.[1];
  return beginning === undefined ? [] : [`${writeAny(beginning)}${minor}.0`];
}

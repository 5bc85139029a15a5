import type { FeedStateRecord } from '../core/records.js';

/** The headers that make a question conditional (RFC 9110 13.1). */
export function validators(
  state: Pick<FeedStateRecord, 'etag' | 'lastModified'> | null,
): Record<string, string> {
  return {
    ...(state?.etag ? { 'if-none-match': state.etag } : {}),
    ...(state?.lastModified ? { 'if-modified-since': state.lastModified } : {}),
  };
}

import { PermanentError } from '../core/errors.js';
import type { Clock, FeedProbe, FeedReader, FeedRequest, HttpClient } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';
import type { FeedStateRecord } from '../core/records.js';
import type { FeedResponse } from '../core/release.js';
import { validators } from './validators.js';

/** The probe of one feed. */
export interface BoundProbe {
  readonly request: FeedRequest;
  readonly mark: FeedProbe['mark'];
}

type ProbeState = NonNullable<FeedStateRecord['probe']>;

/** What a probe shows is not all: a file that was replaced, a release that was withdrawn. So the feed is asked at times. */
const FULL_AFTER_MS = 7 * 86_400_000;
const MAX_PROBE_BYTES = 4 << 20;

export function bindProbe({ probe }: FeedReader, feed: FeedDefinition): BoundProbe | undefined {
  return probe && { request: probe.request(feed), mark: (response) => probe.mark(response) };
}

/**
 * Null: there is no probe, or it cannot be read. `probe` is to be kept with the feed's state; it is asked before the feed
 * itself, so that what appears between the two is seen at the next time. RetryableError: the host is out of order.
 */
export async function askProbe(
  { http, clock }: { readonly http: HttpClient; readonly clock: Clock },
  asked: { readonly probe?: BoundProbe | undefined; readonly isKnown: boolean; readonly timeoutMs: number },
  before: FeedStateRecord | null,
  signal: AbortSignal,
): Promise<{ readonly probe: ProbeState; readonly isUnchanged: boolean } | null> {
  const { probe: bound, isKnown, timeoutMs } = asked;
  if (bound === undefined) return null;
  const known = (isKnown && before?.probe) || null;
  const headers = { ...bound.request.headers, ...validators(known) };
  const response = await http
    .get({ ...bound.request, headers, maxBytes: MAX_PROBE_BYTES, timeoutMs, signal })
    .catch(nullWherePermanent);
  const mark = response?.status === 304 ? known?.mark : response && bound.mark(response);
  if (!response || !mark) return null;
  const now = clock.now();
  const isYoung = known !== null && now.getTime() - Date.parse(known.fullAt) < FULL_AFTER_MS;
  const isUnchanged = isYoung && mark === known.mark;
  const fullAt = isUnchanged ? known.fullAt : now.toISOString();
  return { probe: { mark, ...validatorsOf(response, known), fullAt }, isUnchanged };
}

function validatorsOf(
  { status, headers }: FeedResponse,
  known: ProbeState | null,
): Pick<ProbeState, 'etag' | 'lastModified'> {
  const kept = status === 304 ? known : null;
  return {
    etag: headers.etag ?? kept?.etag ?? null,
    lastModified: headers['last-modified'] ?? kept?.lastModified ?? null,
  };
}

/** A host that has no such address is asked for the feed itself. */
function nullWherePermanent(error: unknown): null {
  if (error instanceof PermanentError) return null;
  throw error;
}

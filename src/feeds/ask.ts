import { createHash } from 'node:crypto';
import { describeFault } from '../core/errors.js';
import type { Clock, FeedRequest, HttpClient, LedgerReader } from '../core/ports.js';
import type { FeedStateRecord } from '../core/records.js';
import type { FeedResponse } from '../core/release.js';
import { askProbe, type BoundProbe } from './probe.js';
import { validators } from './validators.js';

export interface AskDeps {
  readonly ledger: LedgerReader;
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Ask a feed that has a probe only when its probe shows a change: where the host counts our requests. */
  readonly probes?: boolean;
}

export interface Question {
  readonly productId: string;
  readonly feedIndex: number;
  readonly request: FeedRequest;
  readonly probe?: BoundProbe | undefined;
  /** What else decides how an answer is read: after a change of it, an unchanged answer means something else. */
  readonly readAs: unknown;
  /** What the feed said before is still known, so that "not changed" is an answer. */
  readonly isKnown: boolean;
  readonly timeoutMs: number;
}

export interface Asked extends Question {
  /** Of what decides which question it is. */
  readonly askedSha256: string;
}

const MAX_FEED_BYTES = 16 << 20;

export function identify(question: Question): Asked {
  const { request, readAs } = question;
  const sha256 = createHash('sha256').update(JSON.stringify([request, readAs]));
  return { ...question, askedSha256: sha256.digest('hex') };
}

/** Of the last time that exactly this was asked; null: never. */
export async function stateBefore(ledger: LedgerReader, asked: Asked): Promise<FeedStateRecord | null> {
  const state = await ledger.feedState(asked.productId, asked.feedIndex);
  return state?.askedSha256 === asked.askedSha256 ? state : null;
}

/** Asks with the validators of the last answer, where that still says something. A probe may answer in its place. */
export async function ask(
  deps: AskDeps,
  asked: Asked,
  before: FeedStateRecord | null,
  signal: AbortSignal,
): Promise<{ response: FeedResponse; state: FeedStateRecord }> {
  const { http, clock } = deps;
  const probed = deps.probes === true ? await askProbe(deps, asked, before, signal) : null;
  if (before !== null && probed?.isUnchanged === true) {
    const { probe } = probed;
    const state = { ...before, probe, lastGoodAt: clock.now().toISOString(), lastError: null };
    return { response: notModified(asked.request.url), state };
  }
  const response = await http.get({
    ...asked.request,
    headers: { ...asked.request.headers, ...validators(asked.isKnown ? before : null) },
    maxBytes: MAX_FEED_BYTES,
    timeoutMs: asked.timeoutMs,
    signal,
  });
  const kept = response.status === 304 ? before : null;
  const state: FeedStateRecord = {
    productId: asked.productId,
    feedIndex: asked.feedIndex,
    etag: response.headers.etag ?? kept?.etag ?? null,
    lastModified: response.headers['last-modified'] ?? kept?.lastModified ?? null,
    lastGoodAt: clock.now().toISOString(),
    lastError: null,
    askedSha256: asked.askedSha256,
    ...(probed && { probe: probed.probe }),
    ...(before?.file && { file: before.file }),
  };
  return { response, state };
}

/** What was known before stays; why it could not be asked anew comes to it. */
export function failedState(asked: Asked, before: FeedStateRecord | null, error: unknown): FeedStateRecord {
  return {
    productId: asked.productId,
    feedIndex: asked.feedIndex,
    etag: before?.etag ?? null,
    lastModified: before?.lastModified ?? null,
    lastGoodAt: before?.lastGoodAt ?? null,
    lastError: describeFault(error),
    askedSha256: asked.askedSha256,
    ...(before?.probe && { probe: before.probe }),
    ...(before?.file && { file: before.file }),
  };
}

function notModified(url: string): FeedResponse {
  return { status: 304, finalUrl: url, headers: {}, body: Buffer.alloc(0) };
}

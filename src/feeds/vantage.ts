import { RetryableError } from '../core/errors.js';
import type { VantageReader } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';
import type { Release, SecondVantage } from '../core/release.js';
import type { StageContext } from '../core/stage.js';
import { type AskDeps, ask, failedState, identify, stateBefore } from './ask.js';
import type { Source } from './source.js';

export interface VantageDeps extends AskDeps {
  /** By the `type` of a feed that stands behind the vendor's own. */
  readonly vantages: ReadonlyMap<string, VantageReader>;
}

/** A second source holds nobody up: it is asked again at the next sync. */
const VANTAGE_TIMEOUT_MS = 20_000;
const MAX_WAITS = 3;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * The release with what a second source says of the same version. Its failure never blocks the first: what it said of
 * this version before stays, and why it could not be asked is kept with its state.
 */
export async function withSecondVantage(
  deps: VantageDeps,
  source: Source,
  release: Release,
  context: StageContext,
): Promise<Release> {
  const place = findVantage(deps, source);
  const { secondVantage: _, ...own } = release;
  if (place === null) return own;
  const before = (await deps.ledger.release(source.product.id, release.version))?.release.secondVantage;
  const said = await readVantage(deps, source, { ...place, release: own, before }, context);
  return said === undefined ? own : { ...own, secondVantage: said };
}

interface Place {
  readonly feed: FeedDefinition;
  readonly feedIndex: number;
  readonly reader: VantageReader;
}

function findVantage({ vantages }: VantageDeps, { product }: Source): Place | null {
  const feedIndex = product.feeds.findIndex(({ type }, index) => index > 0 && vantages.has(type));
  const feed = product.feeds[feedIndex];
  const reader = vantages.get(feed?.type ?? '');
  return feed === undefined || reader === undefined ? null : { feed, feedIndex, reader };
}

interface Question extends Place {
  readonly release: Release;
  /** What it said of this version before. */
  readonly before: SecondVantage | undefined;
}

async function readVantage(
  deps: VantageDeps,
  { product }: Source,
  { feed, feedIndex, reader, release, before }: Question,
  context: StageContext,
): Promise<SecondVantage | undefined> {
  const asked = identify({
    productId: product.id,
    feedIndex,
    request: reader.request(feed, release.version),
    readAs: { feed },
    isKnown: before !== undefined,
    timeoutMs: VANTAGE_TIMEOUT_MS,
  });
  const state = await stateBefore(deps.ledger, asked);
  try {
    const answer = await ask(deps, asked, state, context.signal);
    const said =
      answer.response.status === 304 ? before : reader.parse(answer.response, feed, release.version);
    context.record((ledger) => ledger.putFeedState(answer.state));
    return said;
  } catch (error) {
    context.signal.throwIfAborted();
    if (before === undefined && isWorthWaiting(error, context)) throw error;
    const failed = failedState(asked, state, error);
    context.log.info({ feed: feed.type, error: failed.lastError }, 'second vantage not read');
    context.record((ledger) => ledger.putFeedState(failed));
    return before;
  }
}

/** One host confirms thousands of products: that others are asking it is no failure, and the turn comes back for it. */
function isWorthWaiting(error: unknown, { attempt }: StageContext): boolean {
  if (!(error instanceof RetryableError) || error.code !== 'feed.busy') return false;
  return attempt < MAX_WAITS && (error.retryAfterMs ?? Number.POSITIVE_INFINITY) <= LONGEST_WAIT_MS;
}

import { describeHealth, type FeedHealth } from '../core/feed-health/index.js';
import type { OperationsDeps } from './deps.js';

export interface FeedsHealth {
  /** Feeds that were asked at least once, of products that are defined. */
  readonly asked: number;
  /** Of the others something should be known: the longest without a good answer first. */
  readonly unhealthy: readonly FeedHealth[];
}

export async function feedHealth({ ledger, products }: OperationsDeps): Promise<FeedsHealth> {
  const states = (await ledger.feedStates()).filter(
    ({ productId, feedIndex }) => products.get(productId)?.feeds[feedIndex] !== undefined,
  );
  const unhealthy = states.map(describeHealth).filter(({ isHealthy }) => !isHealthy);
  return { asked: states.length, unhealthy: unhealthy.toSorted(byLastGood) };
}

function byLastGood(a: FeedHealth, b: FeedHealth): number {
  const [left, right] = [a.lastGoodAt ?? '', b.lastGoodAt ?? ''];
  return left === right ? 0 : left < right ? -1 : 1;
}

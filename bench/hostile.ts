import type { ProductDefinition } from '../src/core/product.js';
import { feedReaders } from '../src/feeds/index.js';
import { drawShare, HOSTILE_MODES, type HostileMode } from '../src/lab/vendor-farm/index.js';
import type { Farm } from './farm.js';
import { createFarmClient } from './farm-client.js';
import { medianOf } from './pass.js';
import { openPublisher } from './publisher.js';

export interface HostileRun {
  readonly products: number;
  readonly hostileHosts: number;
  readonly hostileProducts: number;
  /** Until every product of a good host has had its turn; medians. */
  readonly secondsWithout: number;
  readonly secondsWith: number;
  /** The median of the pairs; 1.2 or less is the goal. */
  readonly factor: number;
  /** Good products that failed in a run with hostile hosts. */
  readonly goodFailed: number;
}

const SEED = 'hostile';

/** The same cold sync with and without hostile hosts in turn, timed over the products of the good hosts. */
export async function runHostile(
  farm: Farm,
  products: readonly ProductDefinition[],
  {
    concurrency,
    share,
    pairs,
  }: { readonly concurrency: number; readonly share: number; readonly pairs: number },
): Promise<HostileRun> {
  const modes = hostileHosts(products, share);
  const good = new Set(products.filter((one) => modes[hostOf(one)] === undefined).map(({ id }) => id));
  await farm.setLatency(0);
  const run = async (active: typeof modes) => {
    await farm.setHostile(active);
    const http = createFarmClient(farm.ready, 'lifted');
    const publisher = await openPublisher({ products, http, concurrency });
    try {
      return await publisher.sync(good);
    } finally {
      http.close();
      await publisher.close();
      await farm.setHostile({});
    }
  };
  const runs: { without: number; with: number; failed: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2 === 0 ? await run({}) : null;
    const under = await run(modes);
    const without = (first ?? (await run({}))).seconds;
    runs.push({ without, with: under.seconds, failed: under.failed });
  }
  return {
    products: products.length,
    hostileHosts: Object.keys(modes).length,
    hostileProducts: products.length - good.size,
    secondsWithout: medianOf(runs.map((one) => one.without)),
    secondsWith: medianOf(runs.map((one) => one.with)),
    factor: medianOf(runs.map((one) => one.with / one.without)),
    goodFailed: Math.max(...runs.map(({ failed }) => failed)),
  };
}

/** Hosts of a few products each: one that serves half of all would leave nothing to compare. */
function hostileHosts(
  products: readonly ProductDefinition[],
  share: number,
): Readonly<Record<string, HostileMode>> {
  const counts = new Map<string, number>();
  for (const one of products) counts.set(hostOf(one), (counts.get(hostOf(one)) ?? 0) + 1);
  const small = [...counts].filter(([, count]) => count <= products.length / 100).map(([host]) => host);
  const wanted = Math.min(1, (share * counts.size) / small.length);
  return Object.fromEntries(
    drawShare(small, wanted, SEED).map((host, place) => [
      host,
      HOSTILE_MODES[place % HOSTILE_MODES.length] ?? 'reset',
    ]),
  );
}

function hostOf({ feeds: [feed] }: ProductDefinition): string {
  const request = feed && feedReaders.get(feed.type)?.request(feed);
  return request === undefined ? '' : new URL(request.url).hostname;
}

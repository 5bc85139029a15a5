import type { FeedRequest } from '../src/core/ports.js';
import type { ProductDefinition } from '../src/core/product.js';
import { feedReaders } from '../src/feeds/index.js';
import { type BareLoop, createBareLoop } from './bare-loop.js';
import type { Farm } from './farm.js';
import { createFarmClient } from './farm-client.js';
import { medianOf, type Pass } from './pass.js';
import { openPublisher } from './publisher.js';

/** A first pass, of which nothing is known, and one in which nothing has changed. */
export interface Passes {
  readonly cold: Pass;
  readonly unchanged: Pass;
}

export interface Comparison {
  readonly products: number;
  readonly concurrency: number;
  readonly latencyMs: number;
  readonly pairs: number;
  /** Medians. */
  readonly publisher: Passes;
  readonly bare: Passes;
  /** How fast the publisher is, the bare loop being 1: the median of the pairs. */
  readonly ratio: { readonly cold: number; readonly unchanged: number };
}

/** Publisher and bare loop in turn, A B B A, so that what slows the machine for a while slows both. */
export async function compare(
  farm: Farm,
  products: readonly ProductDefinition[],
  options: { readonly concurrency: number; readonly latencyMs: number; readonly pairs: number },
): Promise<Comparison> {
  await farm.setLatency(options.latencyMs);
  const pairs: { bare: Passes; publisher: Passes }[] = [];
  for (let pair = 0; pair < options.pairs; pair += 1) {
    const bareFirst = pair % 2 === 0;
    const before = bareFirst ? await bareRun(farm, products, options.concurrency) : null;
    const publisher = await publisherRun(farm, products, options.concurrency);
    pairs.push({ publisher, bare: before ?? (await bareRun(farm, products, options.concurrency)) });
  }
  const ratioOf = (which: keyof Passes) =>
    medianOf(pairs.map(({ bare, publisher }) => bare[which].seconds / publisher[which].seconds));
  return {
    products: products.length,
    ...options,
    publisher: medians(pairs.map(({ publisher }) => publisher)),
    bare: medians(pairs.map(({ bare }) => bare)),
    ratio: { cold: ratioOf('cold'), unchanged: ratioOf('unchanged') },
  };
}

async function bareRun(
  farm: Farm,
  products: readonly ProductDefinition[],
  concurrency: number,
): Promise<Passes> {
  const loop: BareLoop = createBareLoop(farm.ready, products.map(requestOf), concurrency);
  try {
    return { cold: await loop.pass(), unchanged: await loop.pass() };
  } finally {
    loop.close();
  }
}

async function publisherRun(
  farm: Farm,
  products: readonly ProductDefinition[],
  concurrency: number,
): Promise<Passes> {
  const http = createFarmClient(farm.ready, 'lifted');
  const publisher = await openPublisher({ products, http, concurrency });
  try {
    return { cold: await publisher.sync(), unchanged: await publisher.sync() };
  } finally {
    await publisher.close();
    http.close();
  }
}

function requestOf({ id, feeds: [feed] }: ProductDefinition): FeedRequest {
  const reader = feedReaders.get(feed?.type ?? '');
  if (feed === undefined || reader === undefined) throw new Error(`${id} has no feed that can be asked`);
  return reader.request(feed);
}

function medians(runs: readonly Passes[]): Passes {
  const passOf = (which: keyof Passes): Pass => {
    const median = (name: keyof Pass) => medianOf(runs.map((run) => run[which][name]));
    return {
      seconds: median('seconds'),
      requestsPerSecond: median('requestsPerSecond'),
      failed: median('failed'),
      memoryMiB: median('memoryMiB'),
    };
  };
  return { cold: passOf('cold'), unchanged: passOf('unchanged') };
}

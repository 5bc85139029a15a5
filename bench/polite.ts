import type { ProductDefinition } from '../src/core/product.js';
import { POLITE } from '../src/net/index.js';
import type { Farm } from './farm.js';
import { createFarmClient } from './farm-client.js';
import type { FarmReport } from './farm-process.js';
import { openPublisher } from './publisher.js';

const WINDOW_MS = 10_000;

export interface PoliteRun extends FarmReport {
  readonly products: number;
  readonly seconds: number;
  /** Feeds that gave no answer. */
  readonly failed: number;
}

/** A cold sync with the default limits, of which the hosts count what broke them. */
export async function runPolite(
  farm: Farm,
  products: readonly ProductDefinition[],
  concurrency: number,
): Promise<PoliteRun> {
  await farm.setLatency(20);
  await farm.reset();
  const http = createFarmClient(farm.ready, 'default');
  const publisher = await openPublisher({ products, http, concurrency });
  try {
    const { seconds, failed } = await publisher.sync();
    const report = await farm.report({
      concurrency: POLITE.concurrency,
      requests: (POLITE.requestsPerSecond * WINDOW_MS) / 1000 + 1,
      windowMs: WINDOW_MS,
    });
    return { products: products.length, seconds, failed, ...report };
  } finally {
    await publisher.close();
    http.close();
  }
}

import { hostMap } from '../src/lab/ready.js';
import { createHttpClient } from '../src/net/index.js';
import type { FarmReady } from './farm-process.js';

/** The publisher's own client, led to the farm. `lifted`: without limits per host. */
export function createFarmClient(
  { hosts, port, ca }: FarmReady,
  limits: 'lifted' | 'default',
): ReturnType<typeof createHttpClient> {
  return createHttpClient({
    userAgent: 'patchpress-bench',
    ...(limits === 'lifted' && {
      perHost: { concurrency: 1000, requestsPerSecond: Number.POSITIVE_INFINITY },
    }),
    hosts: hostMap(hosts, port),
    ca,
  });
}

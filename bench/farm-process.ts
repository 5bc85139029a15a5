import { writeFileSync } from 'node:fs';
import { createAuthority } from '../signing/certificates/index.js';
import { runAsNodeChild } from '../src/app/children/node-child.js';
import { farmFeedOf } from '../src/app/demo/farm-feeds.js';
import type { ProductDefinition } from '../src/core/product.js';
import { createVendorFarm, type HostileMode, type PolitenessLimits } from '../src/lab/vendor-farm/index.js';

export interface FarmConfiguration {
  readonly products: readonly ProductDefinition[];
}

export interface FarmReady {
  readonly port: number;
  readonly hosts: readonly string[];
  /** PEM. */
  readonly ca: string;
  /** Products whose feed the farm serves. */
  readonly served: readonly string[];
}

export type FarmMessage =
  | { readonly kind: 'latency'; readonly latencyMs: number }
  | { readonly kind: 'hostile'; readonly modes: Readonly<Record<string, HostileMode>> }
  | { readonly kind: 'reset' }
  /** Writes a `FarmReport` to the file. */
  | { readonly kind: 'report'; readonly file: string; readonly limits: PolitenessLimits };

export interface FarmReport {
  readonly requests: number;
  readonly hosts: number;
  readonly peakConcurrency: number;
  readonly shortestGapMs: number | null;
  readonly violations: number;
}

/** The farm in a process of its own, so that nothing but its sockets is shared with who asks. */
runAsNodeChild<FarmConfiguration, FarmMessage>(async ({ products }) => {
  const now = () => new Date();
  const authority = createAuthority('CN=Bench Farm CA', { now: now() });
  const feeds = products.map(farmFeedOf).filter((one) => one !== null);
  const farm = await createVendorFarm({ feeds, authority, now });
  const leftOut = new Set(farm.leftOut);
  const ready: FarmReady = {
    port: farm.port,
    hosts: farm.hosts,
    ca: authority.certificate,
    served: feeds.map(({ productId }) => productId).filter((id) => !leftOut.has(id)),
  };
  const report = (limits: PolitenessLimits): FarmReport => {
    const asked = farm.meter.traffic().filter(({ requests }) => requests > 0);
    const gaps = asked.map(({ shortestGapMs }) => shortestGapMs).filter((gap) => gap !== null);
    return {
      requests: asked.reduce((sum, { requests }) => sum + requests, 0),
      hosts: asked.length,
      peakConcurrency: Math.max(0, ...asked.map(({ peakConcurrency }) => peakConcurrency)),
      shortestGapMs: gaps.length === 0 ? null : Math.round(Math.min(...gaps)),
      violations: farm.meter.violations(limits),
    };
  };
  const receive = (message: FarmMessage): void => {
    switch (message.kind) {
      case 'latency':
        farm.setLatency(message.latencyMs);
        break;
      case 'hostile':
        farm.setHostile(message.modes);
        break;
      case 'reset':
        farm.meter.reset();
        break;
      case 'report':
        writeFileSync(message.file, JSON.stringify(report(message.limits)));
        break;
    }
  };
  return { ready, receive, close: farm.close };
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeChild, startNodeChild } from '../src/app/children/node-child.js';
import type { ProductDefinition } from '../src/core/product.js';
import type { HostileMode, PolitenessLimits } from '../src/lab/vendor-farm/index.js';
import type { FarmConfiguration, FarmMessage, FarmReady, FarmReport } from './farm-process.js';

/** The farm's process, seen from here. */
export interface Farm {
  readonly ready: FarmReady;
  setLatency(latencyMs: number): Promise<void>;
  setHostile(modes: Readonly<Record<string, HostileMode>>): Promise<void>;
  /** What the hosts saw since `reset`. */
  report(limits: PolitenessLimits): Promise<FarmReport>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Relative to the folder of the service's own mains. */
const FARM_PROCESS = '../../../bench/farm-process';

export async function startFarm(products: readonly ProductDefinition[]): Promise<Farm> {
  const configuration: FarmConfiguration = { products };
  const child: NodeChild<FarmReady> = await startNodeChild(FARM_PROCESS, configuration);
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-farm-'));
  const tell = (message: FarmMessage) => child.send(message);
  return {
    ready: child.ready,
    setLatency: (latencyMs) => tell({ kind: 'latency', latencyMs }),
    setHostile: (modes) => tell({ kind: 'hostile', modes }),
    async report(limits) {
      const file = join(folder, 'report.json');
      await tell({ kind: 'report', file, limits });
      return JSON.parse(readFileSync(file, 'utf8')) as FarmReport;
    },
    reset: () => tell({ kind: 'reset' }),
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

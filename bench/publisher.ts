import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFoundation } from '../src/app/foundation.js';
import { createLine, type StageMap } from '../src/app/line.js';
import { createLog } from '../src/app/logger.js';
import type { HttpClient, ProductCatalog } from '../src/core/ports.js';
import type { ProductDefinition } from '../src/core/product.js';
import type { Stage, StageName } from '../src/core/stage.js';
import { versionSchemes } from '../src/core/versions/index.js';
import { feedReaders, vantageReaders } from '../src/feeds/index.js';
import { createFeedsStage } from '../src/feeds/stage.js';
import { measurePass, type Pass } from './pass.js';
import { standInFiles } from './stand-in-files.js';

export interface Publisher {
  /** A sync of all products, until every one of `awaited` (all by default) has had its turn. */
  sync(awaited?: ReadonlySet<string>): Promise<Pass>;
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly products: readonly ProductDefinition[];
  readonly http: HttpClient;
  readonly concurrency: number;
}

const RETRIES = { maxAttempts: 3, backoffMs: 2000, longestBackoffMs: 10_000 };
const OPERATOR = { name: 'bench' };

/**
 * The feeds stage as the service runs it, on a fresh data folder: ledger in SQLite, Redis as a child, queue, relay,
 * reconciler and workers. What it hands on to the next stage is written and queued, and nobody works on it.
 */
export async function openPublisher({ products, http, concurrency }: PublisherOptions): Promise<Publisher> {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-bench-'));
  const log = createLog({ level: 'fatal' });
  const foundation = await openFoundation({
    dataDir: folder,
    databaseUrl: null,
    siteId: null,
    redisUrl: null,
    lock: false,
    log,
  });
  const clock = { now: () => new Date() };
  const catalog = catalogOf(products);
  const settled = new Map<string, boolean>();
  let onSettled = (): void => undefined;
  const feeds = createFeedsStage({
    ledger: foundation.ledger,
    http,
    files: standInFiles(http),
    clock,
    products: catalog,
    readers: feedReaders,
    vantages: vantageReaders,
    versionSchemes,
  });
  // biome-ignore lint/suspicious/noExplicitAny: each stage decodes its own input.
  const stages: StageMap = new Map<StageName, Stage<any>>([
    [feeds.name, feeds],
    [nextStage.name, nextStage],
  ]);
  const line = createLine({
    ...foundation,
    stages,
    products: catalog,
    policy: { rules: [] } as never,
    clock,
    log,
    work: ['feeds'],
    concurrency: { feeds: concurrency },
    onlyHost: true,
    retries: RETRIES,
    onTurn({ work, state }) {
      if (work.stage !== 'feeds' || work.product === null || state === 'ready') return;
      settled.set(work.product, state === 'done');
      onSettled();
    },
  });
  line.start();
  return {
    sync: (awaited = new Set(products.map(({ id }) => id))) =>
      measurePass(awaited.size, async () => {
        settled.clear();
        const done = new Promise<void>((resolve) => {
          onSettled = () => {
            if (settled.size >= awaited.size && [...awaited].every((id) => settled.has(id))) resolve();
          };
        });
        const { productIds } = await line.operations.sync({ operator: OPERATOR });
        const asked = new Set(productIds);
        const unasked = [...awaited].filter((id) => !asked.has(id));
        if (unasked.length > 0) throw new Error(`a sync does not ask ${unasked.slice(0, 5).join(', ')}`);
        await done;
        return [...awaited].filter((id) => settled.get(id) !== true).length;
      }),
    async close() {
      await line.close();
      await foundation.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the next stage's jobs are called; its work is not measured here. */
const nextStage: Stage<{ productId: string; version: string; variant: string }> = {
  name: 'releases',
  parse: (data) => data as { productId: string; version: string; variant: string },
  key: ({ productId, version, variant }) => [productId, version, variant].join('/'),
  subject: ({ productId, version, variant }) => ({ product: productId, version, variant }),
  run: async () => ({ outcome: 'unchanged', reason: 'not measured' }),
};

function catalogOf(products: readonly ProductDefinition[]): ProductCatalog {
  const byId = new Map(products.map((one) => [one.id, one]));
  return { get: (id) => byId.get(id) ?? null, all: () => products, faults: () => [] };
}

import { readFileSync, rmSync } from 'node:fs';
import { planCatalog } from '../../src/publishing/configmgr-catalog/build.js';
import { writeCatalog } from '../../src/publishing/configmgr-catalog/write-catalog.js';
import { documentPath, type StoredItem } from './documents.js';

/** One build in a process of its own, so that its memory is its own. */
export interface BuildOrder {
  readonly itemsFile: string;
  readonly documents: string;
  readonly outPath: string;
  readonly partsDir: string;
}

export interface BuildFigures {
  /** From the list of updates to the cabinet on the disk. */
  readonly seconds: number;
  /** Resident at most, above what the process had before it knew of any update. */
  readonly memoryMiB: number;
  readonly sizeBytes: number;
  readonly packed: number;
  readonly reused: number;
}

function build(order: BuildOrder): BuildFigures {
  const idleMiB = process.memoryUsage.rss() / 2 ** 20;
  const items = JSON.parse(readFileSync(order.itemsFile, 'utf8')) as StoredItem[];
  warmUp(order, items.slice(0, WARM_UP));
  const begin = performance.now();
  const written = write(order, items);
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, memoryMiB: process.resourceUsage().maxRSS / 1024 - idleMiB, ...written };
}

/** Updates of the catalog that is built before the clock runs: a service that builds one has built others. */
const WARM_UP = 300;

function warmUp(order: BuildOrder, items: readonly StoredItem[]): void {
  const scratch = { ...order, outPath: `${order.outPath}.warm`, partsDir: `${order.partsDir}.warm` };
  write(scratch, items);
  rmSync(scratch.outPath);
  rmSync(scratch.partsDir, { recursive: true });
}

function write({ documents, outPath, partsDir }: BuildOrder, stored: readonly StoredItem[]) {
  const items = stored.map((item) => ({ ...item, contentCertificate: null }));
  const plan = planCatalog(items, { siteId: 'bench', catalog: { name: 'patchpress' } }, (sha256) =>
    documentPath(documents, sha256),
  );
  return writeCatalog(plan, { outPath, partsDir });
}

process.stdout.write(JSON.stringify(build(JSON.parse(process.argv[2] ?? '{}') as BuildOrder)));

import { readFileSync } from 'node:fs';
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

function build({ itemsFile, documents, outPath, partsDir }: BuildOrder): BuildFigures {
  const idleMiB = process.memoryUsage.rss() / 2 ** 20;
  const stored = JSON.parse(readFileSync(itemsFile, 'utf8')) as StoredItem[];
  const begin = performance.now();
  const items = stored.map((item) => ({ ...item, contentCertificate: null }));
  const plan = planCatalog(items, { siteId: 'bench', catalog: { name: 'patchpress' } }, (sha256) =>
    documentPath(documents, sha256),
  );
  const written = writeCatalog(plan, { outPath, partsDir });
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, memoryMiB: process.resourceUsage().maxRSS / 1024 - idleMiB, ...written };
}

process.stdout.write(JSON.stringify(build(JSON.parse(process.argv[2] ?? '{}') as BuildOrder)));

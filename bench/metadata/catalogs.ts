import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCabinet } from '../../src/formats/cab/index.js';
import { withFileSource } from '../../src/formats/file-source.js';
import { medianOf } from '../pass.js';
import type { BuildFigures, BuildOrder } from './catalog-process.js';
import { DATES, documentPath, type StoredItem, storeItem } from './documents.js';

const CHANGED = 10;
const PROCESS = fileURLToPath(new URL('./catalog-process.js', import.meta.url));

/** Medians of the pairs. */
export interface CatalogComparison {
  readonly updates: number;
  readonly pairs: number;
  readonly fullSeconds: number;
  readonly memoryMiB: number;
  readonly sizeBytes: number;
  readonly changed: number;
  readonly changedSeconds: number;
  /** Of a full build: goal 0.35. */
  readonly changedShare: number;
  /** Whether the cabinet after the changes is the one of a build from nothing. */
  readonly isSame: boolean;
  /** Null: gcab is not here. */
  readonly gcab: {
    readonly seconds: number;
    readonly sizeBytes: number;
    /** Our full build by it: goal 0.6. */
    readonly ratio: number;
  } | null;
}

/** Full build, build with ten changed updates, and gcab on the same files, in turn. */
export function compareCatalogs(folder: string, updates: number, pairs: number): CatalogComparison {
  const place = prepare(folder, updates);
  const runs = Array.from({ length: pairs }, () => onePair(place));
  const median = (of: (run: (typeof runs)[number]) => number): number => medianOf(runs.map(of));
  const isSame = readFileSync(place.changed.outPath).equals(fromNothing(place));
  const hasGcab = runs.every(({ gcabSeconds }) => gcabSeconds !== null);
  return {
    updates,
    pairs,
    fullSeconds: median(({ full }) => full.seconds),
    memoryMiB: Math.max(...runs.map(({ full }) => full.memoryMiB)),
    sizeBytes: runs[0]?.full.sizeBytes ?? 0,
    changed: CHANGED,
    changedSeconds: median(({ changed }) => changed.seconds),
    changedShare: median(({ full, changed }) => changed.seconds / full.seconds),
    isSame,
    gcab: hasGcab
      ? {
          seconds: median(({ gcabSeconds }) => gcabSeconds ?? 0),
          sizeBytes: readFileSync(join(folder, 'gcab.cab')).length,
          ratio: median(({ full, gcabSeconds }) => full.seconds / (gcabSeconds ?? 1)),
        }
      : null,
  };
}

interface Place {
  readonly folder: string;
  readonly full: BuildOrder;
  readonly changed: BuildOrder;
}

function prepare(folder: string, updates: number): Place {
  const documents = join(folder, 'documents');
  const items = Array.from({ length: updates }, (_, n) => storeItem(documents, n, DATES[0]));
  const every = Math.floor(updates / CHANGED);
  const changed = items.map((item, n) =>
    n % every === 0 && n < every * CHANGED ? storeItem(documents, n, DATES[1]) : item,
  );
  const order = (name: string, list: readonly StoredItem[]): BuildOrder => {
    const itemsFile = join(folder, `${name}.json`);
    writeFileSync(itemsFile, JSON.stringify(list));
    return { itemsFile, documents, outPath: join(folder, `${name}.cab`), partsDir: join(folder, 'parts') };
  };
  const place = { folder, full: order('full', items), changed: order('changed', changed) };
  build(place.full);
  unpackBeside(folder, place.full, items);
  return place;
}

/** The members as files for gcab; documents are the very files that we read. */
function unpackBeside(
  folder: string,
  { outPath, documents }: BuildOrder,
  items: readonly StoredItem[],
): void {
  const files = join(folder, 'files');
  for (const name of ['V2', 'V3']) mkdirSync(join(files, name), { recursive: true });
  for (const { update, revision } of items) {
    linkSync(documentPath(documents, revision.sdpSha256), join(files, 'V2', `${update.packageId}.sdp`));
  }
  withFileSource(outPath, (source) => {
    const cabinet = readCabinet(source);
    for (const member of cabinet.members.filter(({ name }) => !name.endsWith('.sdp'))) {
      writeFileSync(join(files, ...member.name.split('\\')), cabinet.extract(member, 0x7fff_ffff));
    }
  });
}

function onePair(place: Place) {
  rmSync(place.full.partsDir, { recursive: true, force: true });
  const full = build(place.full);
  const changed = build(place.changed);
  return { full, changed, gcabSeconds: runGcab(place.folder) };
}

function fromNothing({ changed, folder }: Place): Buffer {
  const order = { ...changed, outPath: join(folder, 'again.cab'), partsDir: join(folder, 'no-parts') };
  build(order);
  return readFileSync(order.outPath);
}

function build(order: BuildOrder): BuildFigures {
  return JSON.parse(
    execFileSync(process.execPath, [PROCESS, JSON.stringify(order)], {
      encoding: 'utf8',
      cwd: dirname(PROCESS),
    }),
  ) as BuildFigures;
}

function runGcab(folder: string): number | null {
  const begin = performance.now();
  const run = spawnSync('gcab', ['-zc', join(folder, 'gcab.cab'), 'patchpress.xml', 'V2', 'V3'], {
    cwd: join(folder, 'files'),
  });
  if (run.error !== undefined) return null;
  if (run.status !== 0) throw new Error(`gcab ended with ${run.status}: ${run.stderr.toString('utf8')}`);
  return (performance.now() - begin) / 1000;
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convert, create } from 'xmlbuilder2';
import { readSdp, validateSdp, writeSdp } from '../../src/sus/sdp/index.js';
import { medianOf } from '../pass.js';
import { DATES, packageOf } from './documents.js';

const SCHEMA = '../shared/schemas/microsoft/strict/SoftwareDistributionPackage.xsd';

/** Documents per second, medians; a ratio above 1: ours are made or checked faster. */
export interface SdpComparison {
  readonly documents: number;
  readonly pairs: number;
  /** Written from the model, every rule checked. */
  readonly written: number;
  /** xmlbuilder2 from a ready object, nothing checked. */
  readonly xmlbuilder2: number;
  readonly writtenRatio: number;
  /** Read and checked by our own rules. */
  readonly validated: number;
  /** One process for all files. Null: xmllint or the schemas are not here. */
  readonly xmllint: number | null;
  readonly validatedRatio: number | null;
}

export function compareSdp(folder: string, documents: number, pairs: number): SdpComparison {
  const models = Array.from({ length: documents }, (_, n) => packageOf(n, DATES[0]));
  const texts = models.map((model) => writeSdp(model));
  const objects = texts.map((text) => convert(text, { format: 'object' }));
  const paths = storeFiles(join(folder, 'sdp'), texts);
  const runs = Array.from({ length: pairs }, () => ({
    written: rate(documents, () => models.forEach((model) => void writeSdp(model))),
    xmlbuilder2: rate(documents, () =>
      objects.forEach((object) => void create(object).end({ headless: true, prettyPrint: true })),
    ),
    validated: rate(documents, () => texts.forEach(requireValid)),
    xmllint: existsSync(SCHEMA) ? rate(documents, () => runXmllint(paths)) : Number.NaN,
  }));
  const median = (of: (run: (typeof runs)[number]) => number): number => medianOf(runs.map(of));
  const hasXmllint = runs.every(({ xmllint }) => Number.isFinite(xmllint));
  return {
    documents,
    pairs,
    written: median(({ written }) => written),
    xmlbuilder2: median(({ xmlbuilder2 }) => xmlbuilder2),
    writtenRatio: median(({ written, xmlbuilder2 }) => written / xmlbuilder2),
    validated: median(({ validated }) => validated),
    xmllint: hasXmllint ? median(({ xmllint }) => xmllint) : null,
    validatedRatio: hasXmllint ? median(({ validated, xmllint }) => validated / xmllint) : null,
  };
}

function storeFiles(folder: string, texts: readonly string[]): readonly string[] {
  mkdirSync(folder, { recursive: true });
  return texts.map((text, n) => {
    const path = join(folder, `${n}.sdp`);
    writeFileSync(path, text);
    return path;
  });
}

/** Documents per second; NaN where `run` says that it could not be done. */
function rate(documents: number, run: () => unknown): number {
  const begin = performance.now();
  return run() === false ? Number.NaN : documents / ((performance.now() - begin) / 1000);
}

function requireValid(text: string): void {
  const findings = validateSdp(readSdp(Buffer.from(text, 'utf8'), 'bench'));
  if (findings.length > 0) throw new Error(JSON.stringify(findings[0]));
}

function runXmllint(paths: readonly string[]): boolean {
  const run = spawnSync('xmllint', ['--noout', '--schema', SCHEMA, ...paths], { maxBuffer: 64 << 20 });
  if (run.error !== undefined) return false;
  if (run.status !== 0)
    throw new Error(`xmllint ended with ${run.status}: ${run.stderr.toString('utf8').slice(0, 500)}`);
  return true;
}

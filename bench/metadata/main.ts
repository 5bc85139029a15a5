import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareCatalogs } from './catalogs.js';
import { describeMetadata, type MetadataReport } from './report.js';
import { compareSdp } from './sdp.js';

const OPTIONS = {
  updates: { type: 'string', default: '2000,10000,50000' },
  documents: { type: 'string', default: '2000' },
  pairs: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
} as const;

/** `npm run bench -- metadata`: update documents and catalog cabinets beside xmlbuilder2, xmllint and gcab. */
export function benchMetadata(args: readonly string[], say: (text: string) => void): string {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const pairs = Number(values.pairs);
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-bench-'));
  try {
    say(`${values.documents} documents`);
    const sdp = compareSdp(folder, Number(values.documents), pairs);
    const catalogs = values.updates.split(',').map((count) => {
      say(`a catalog of ${count} updates`);
      const own = join(folder, count);
      const comparison = compareCatalogs(own, Number(count), pairs);
      rmSync(own, { recursive: true, force: true });
      return comparison;
    });
    const report: MetadataReport = {
      at: new Date().toISOString(),
      node: process.version,
      zlib: process.versions.zlib,
      processors: cpus().length,
      load: loadavg().map((one) => Math.round(one * 100) / 100),
      peers: { gcab: firstLine('gcab'), xmllint: firstLine('xmllint') },
      sdp,
      catalogs,
    };
    return values.json ? `${JSON.stringify(report, null, 2)}\n` : describeMetadata(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Null: it is not here. */
function firstLine(program: string): string | null {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error === undefined ? (`${stdout}${stderr}`.split('\n')[0] ?? '') : null;
}

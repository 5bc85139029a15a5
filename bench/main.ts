import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { describeFault } from '../src/core/errors.js';
import { compare } from './compare.js';
import { startFarm } from './farm.js';
import { runHostile } from './hostile.js';
import { benchMetadata } from './metadata/main.js';
import { runPolite } from './polite.js';
import { loadProducts, multiply } from './products.js';
import { describeReport, type SyncReport } from './report.js';
import { benchScans } from './scans/main.js';

const USAGE = `npm run bench -- sync [--products 2000,10000] [--latency 0,50] [--concurrency 32] [--pairs 2]
                         [--hostile 0.01] [--polite 120] [--definitions FOLDER] [--json]
npm run bench -- metadata [--updates 2000,10000,50000] [--documents 2000] [--pairs 3] [--json]
npm run bench -- scans [--updates 2000] [--computers 1000] [--json]`;

const OPTIONS = {
  products: { type: 'string', default: '2000,10000' },
  latency: { type: 'string', default: '0,50' },
  concurrency: { type: 'string', default: '32' },
  pairs: { type: 'string', default: '2' },
  hostile: { type: 'string', default: '0.01' },
  polite: { type: 'string', default: '120' },
  definitions: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const [kind, ...args] = process.argv.slice(2);
  if (kind === 'metadata') {
    process.stdout.write(benchMetadata(args, say));
    return;
  }
  if (kind === 'scans') {
    process.stdout.write(await benchScans(args, say));
    return;
  }
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (positionals.length !== 1 || positionals[0] !== 'sync') throw new Error(USAGE);
  const report = await benchSync(
    {
      counts: numbersIn(values.products),
      latencies: numbersIn(values.latency),
      concurrency: Number(values.concurrency),
      pairs: Number(values.pairs),
      hostileShare: Number(values.hostile),
      politeProducts: Number(values.polite),
      definitions: values.definitions,
    },
    say,
  );
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report));
}

interface BenchOptions {
  readonly counts: readonly number[];
  readonly latencies: readonly number[];
  readonly concurrency: number;
  readonly pairs: number;
  /** Of the hosts; 0: no such run. */
  readonly hostileShare: number;
  /** 0: no such run. */
  readonly politeProducts: number;
  readonly definitions: string | undefined;
}

async function benchSync(options: BenchOptions, say: (text: string) => void): Promise<SyncReport> {
  const { concurrency, pairs } = options;
  const shipped = loadProducts(options.definitions);
  if (shipped.length === 0) throw new Error('no definition can be used; patchpress product check says why');
  say(`${shipped.length} definitions; the farm plans its answers`);
  const farm = await startFarm(shipped);
  try {
    const served = new Set(farm.ready.served);
    const products = shipped.filter(({ id }) => served.has(id));
    say(`${products.length} products at ${farm.ready.hosts.length} hosts`);
    const comparisons = [];
    for (const latencyMs of options.latencies) {
      for (const count of options.counts) {
        say(`${count} products, answers under way for ${latencyMs} ms`);
        comparisons.push(await compare(farm, multiply(products, count), { concurrency, latencyMs, pairs }));
      }
    }
    const { hostileShare: share, politeProducts } = options;
    if (share > 0) say('hostile hosts');
    const hostile =
      share > 0
        ? await runHostile(farm, spread(products, options.counts[0] ?? products.length), {
            concurrency,
            share,
            pairs,
          })
        : null;
    if (politeProducts > 0) say('default limits');
    const polite =
      politeProducts > 0 ? await runPolite(farm, spread(products, politeProducts), concurrency) : null;
    return {
      at: new Date().toISOString(),
      node: process.version,
      processors: cpus().length,
      load: loadavg().map((one) => Math.round(one * 100) / 100),
      definitions: shipped.length,
      served: products.length,
      hosts: farm.ready.hosts.length,
      comparisons,
      hostile,
      polite,
    };
  } finally {
    await farm.stop();
  }
}

/** Every nth, so that all kinds of feeds are among them. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  const every = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, place) => place % every === 0).slice(0, count);
}

function numbersIn(text: string): readonly number[] {
  return text.split(',').map(Number);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : describeFault(error)}\n`,
    );
    process.exit(1);
  },
);

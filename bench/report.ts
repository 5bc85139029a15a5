import type { Comparison, Passes } from './compare.js';
import type { HostileRun } from './hostile.js';
import type { PoliteRun } from './polite.js';

export interface SyncReport {
  readonly at: string;
  readonly node: string;
  readonly processors: number;
  /** Of 1, 5 and 15 minutes, at the end. */
  readonly load: readonly number[];
  readonly definitions: number;
  /** Products whose feed the farm can answer. */
  readonly served: number;
  readonly hosts: number;
  readonly comparisons: readonly Comparison[];
  readonly hostile: HostileRun | null;
  readonly polite: PoliteRun | null;
}

export function describeReport(report: SyncReport): string {
  const lines = [
    `node ${report.node}, ${report.processors} processors, load ${report.load.join(' ')}, ${report.at}`,
    `${report.definitions} definitions, ${report.served} of them served by ${report.hosts} host names`,
    'limits per host are lifted in the comparisons and with hostile hosts; ratio: bare got loop = 1, goal 0.70',
    '',
    row([
      'products',
      'latency',
      'pass',
      'seconds',
      'req/s',
      'memory',
      'bare s',
      'bare req/s',
      'ratio',
      'failed',
    ]),
    ...report.comparisons.flatMap((one) => [passRow(one, 'cold'), passRow(one, 'unchanged')]),
    '',
    ...(report.hostile === null ? [] : [describeHostile(report.hostile)]),
    ...(report.polite === null ? [] : [describePolite(report.polite)]),
  ];
  return `${lines.join('\n')}\n`;
}

const WIDTHS = [9, 9, 10, 8, 8, 9, 8, 11, 6, 7];

function row(cells: readonly string[]): string {
  return cells.map((cell, place) => cell.padStart(WIDTHS[place] ?? 8)).join(' ');
}

function passRow(one: Comparison, which: keyof Passes): string {
  const own = one.publisher[which];
  const bare = one.bare[which];
  return row([
    String(one.products),
    `${one.latencyMs} ms`,
    which,
    own.seconds.toFixed(1),
    own.requestsPerSecond.toFixed(0),
    `${own.memoryMiB.toFixed(0)} MiB`,
    bare.seconds.toFixed(1),
    bare.requestsPerSecond.toFixed(0),
    one.ratio[which].toFixed(2),
    String(own.failed),
  ]);
}

function describeHostile(one: HostileRun): string {
  const { hostileHosts, hostileProducts, products, secondsWith, secondsWithout, factor, goodFailed } = one;
  return `${hostileHosts} hostile hosts (${hostileProducts} of ${products} products): the good ones took ${secondsWith.toFixed(1)} s instead of ${secondsWithout.toFixed(1)} s, factor ${factor.toFixed(2)} (goal 1.20); ${goodFailed} of them failed`;
}

function describePolite(one: PoliteRun): string {
  return `default limits: ${one.requests} requests to ${one.hosts} hosts in ${one.seconds.toFixed(1)} s, at most ${one.peakConcurrency} at a time, ${one.shortestGapMs ?? 'no'} ms apart; ${one.violations} violations; ${one.failed} feeds failed`;
}

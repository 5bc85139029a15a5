import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scanOnce, type Tally } from './client.js';
import { writeDocuments } from './documents.js';
import type { ServerUsage } from './server-process.js';

const OPTIONS = {
  updates: { type: 'string', default: '2000' },
  computers: { type: 'string', default: '1000' },
  json: { type: 'boolean', default: false },
} as const;

const SERVER = fileURLToPath(new URL('./server-process.js', import.meta.url));

/** `npm run bench -- scans`: computers that scan the lab's update services at once, each for the first time. */
export async function benchScans(args: readonly string[], say: (text: string) => void): Promise<string> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const [updates, computers] = [Number(values.updates), Number(values.computers)];
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-bench-'));
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  writeDocuments(documents, updates);
  const server = fork(SERVER, [documents, join(folder, 'server')]);
  try {
    const [port] = (await once(server, 'message')) as [number];
    say(`${computers} computers scan ${updates} updates`);
    const scans = await scanAll(port, computers);
    server.send('usage');
    const [usage] = (await once(server, 'message')) as [ServerUsage];
    const report = {
      at: new Date().toISOString(),
      node: process.version,
      processors: cpus().length,
      load: loadavg().map((one) => Math.round(one * 100) / 100),
      updates,
      computers,
      ...scans,
      server: usage,
    };
    return `${values.json ? JSON.stringify(report, null, 2) : describe(report)}\n`;
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scanAll(port: number, computers: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: computers });
  const tally: Tally = { requests: 0, receivedBytes: 0, latenciesMs: [] };
  const startedMs = performance.now();
  const ended = await Promise.allSettled(
    Array.from({ length: computers }, () => scanOnce(port, agent, tally)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  const sorted = tally.latenciesMs.sort((a, b) => a - b);
  const latency = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return {
    seconds,
    errors: ended.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
    found: [...new Set(ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))],
    requests: tally.requests,
    receivedBytes: tally.receivedBytes,
    latencyMs: { median: latency(0.5), p99: latency(0.99), most: latency(1) },
  };
}

function describe(
  report: Awaited<ReturnType<typeof scanAll>> & { server: ServerUsage; load: number[] },
): string {
  const { seconds, errors, found, requests, receivedBytes, latencyMs, server, load } = report;
  return [
    `${requests} requests in ${seconds.toFixed(1)} s (load ${load.join(' ')}), ${(receivedBytes / 1e6).toFixed(0)} MB, ${errors.length} errors`,
    `each found ${found.join(' or ')} updates and categories`,
    `server: ${server.cpuSeconds.toFixed(1)} s of processor time, ${((server.cpuSeconds / requests) * 1000).toFixed(2)} ms for a request, ${server.maxRssMiB} MiB at most`,
    `answers after ${latencyMs.median} ms in the median, ${latencyMs.p99} ms for the 99th of a hundred, ${latencyMs.most} ms at most`,
    ...errors.slice(0, 5),
  ].join('\n');
}

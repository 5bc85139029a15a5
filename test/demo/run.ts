import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoReport } from '../../src/app/demo/report.js';

const MAIN = fileURLToPath(new URL('../../src/app/mains/demo.js', import.meta.url));
const LONGEST_MS = 180_000;

/** Products of a run that is troubled: both routes and each technology in half the time; PATCHPRESS_TROUBLED_PRODUCTS=12 for all. */
export const TROUBLED = ['--products', process.env.PATCHPRESS_TROUBLED_PRODUCTS ?? '6'];

export interface DemoRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Null where the run ended before it could be written. */
  readonly report: DemoReport | null;
}

export interface DemoOptions {
  readonly words?: readonly string[];
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL after this long. */
  readonly killAfterMs?: number;
  /** Told of each piece of standard error. */
  readonly onProgress?: (text: string) => void;
}

/** One run of the compiled demo as a process of its own. */
export async function runDemo(dataDir: string, options: DemoOptions = {}): Promise<DemoRun> {
  const jsonFile = join(dataDir, 'out.json');
  rmSync(jsonFile, { force: true });
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', MAIN, '--data-dir', dataDir, '--json-file', jsonFile, ...(options.words ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => {
    stdout += String(piece);
  });
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
    options.onProgress?.(String(piece));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.killAfterMs ?? LONGEST_MS);
  const ended = await new Promise<Pick<DemoRun, 'code' | 'signal'>>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  clearTimeout(timer);
  return { ...ended, stdout, stderr, report: readReport(jsonFile) };
}

function readReport(file: string): DemoReport | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DemoReport;
  } catch {
    return null;
  }
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `${name}-`));
}

/** PackageID and revision of everything that was published, in one order. */
export function publicationsOf(report: DemoReport | null): readonly string[] {
  return (report?.updates ?? []).map(({ packageId, revision }) => `${packageId}/${revision}`).sort();
}

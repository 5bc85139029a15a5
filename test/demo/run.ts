import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
  /** SIGKILL after this long. */
  readonly killAfterMs?: number;
  /** Told of each piece of standard error. */
  readonly onProgress?: (text: string) => void;
}

/** One run of the compiled demo as a process of its own. */
export async function runDemo(dataDir: string, options: DemoOptions = {}): Promise<DemoRun> {
  const jsonFile = join(dataDir, 'out.json');
  rmSync(jsonFile, { force: true });
  borrowKeys(dataDir);
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', MAIN, '--data-dir', dataDir, '--json-file', jsonFile, ...(options.words ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'] },
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
  if (ended.code === 0) lendKeys(dataDir);
  return { ...ended, stdout, stderr, report: readReport(jsonFile) };
}

/**
 * The keys of lab and signer take seconds of processor time to make and are not what is tested: one run of the tests makes
 * them once. `scripts/test.mjs` names the folder; without it each data folder makes its own.
 */
const SHARED_KEYS = process.env.PATCHPRESS_TEST_KEYS;
const KEY_FOLDERS = [join('lab', 'certificates'), join('signer', 'private')];

export function borrowKeys(dataDir: string, from = SHARED_KEYS): void {
  if (from === undefined || !existsSync(from)) return;
  for (const folder of KEY_FOLDERS) {
    if (!existsSync(join(dataDir, folder)))
      cpSync(join(from, folder), join(dataDir, folder), { recursive: true });
  }
}

/** Whole or not at all: other test files look for it meanwhile. */
function lendKeys(dataDir: string): void {
  if (SHARED_KEYS === undefined || existsSync(SHARED_KEYS)) return;
  const fresh = `${SHARED_KEYS}-${process.pid}`;
  mkdirSync(fresh);
  for (const folder of KEY_FOLDERS) cpSync(join(dataDir, folder), join(fresh, folder), { recursive: true });
  try {
    renameSync(fresh, SHARED_KEYS);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
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

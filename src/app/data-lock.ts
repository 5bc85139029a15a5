import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PermanentError } from '../core/errors.js';

/** One service per data folder. The lock names the process by pid and start time, so that a killed one's lock is void. */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'lock');
  const mine = `${process.pid} ${startTime(process.pid) ?? 'unknown'}`;
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, mine);
      fsyncSync(descriptor);
      closeSync(descriptor);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      refuseIfAlive(dataDir);
      unlinkSync(file);
    }
  }
  return {
    release() {
      if (readFileSync(file, 'utf8') === mine) unlinkSync(file);
    },
  };
}

/** The process that works on the data folder now, or null. */
export function findHolder(dataDir: string): number | null {
  const file = join(dataDir, 'lock');
  if (!existsSync(file)) return null;
  const [pid, started] = readFileSync(file, 'utf8').split(' ');
  const isAlive = started !== undefined && startTime(Number(pid)) === started;
  return isAlive ? Number(pid) : null;
}

function refuseIfAlive(dataDir: string): void {
  const pid = findHolder(dataDir);
  if (pid === null) return;
  throw new PermanentError('configuration.invalid', 'the data folder is in use', {
    where: dataDir,
    found: `process ${pid} works on it`,
    nextStep: `stop process ${pid}, or choose another folder`,
  });
}

/** Start time in clock ticks since boot: field 22 of /proc/<pid>/stat, counted behind the bracketed name (proc(5)). */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

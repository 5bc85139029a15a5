import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Work in progress, on the store's own disk so that a rename ends it. */
export interface Incoming {
  /** A path that nobody uses yet. */
  path(): string;
}

const DAY_MS = 86_400_000;

/**
 * Names say which process of which host writes the file. At the start the residue of dead processes is removed: of this
 * host by asking for the process, of other hosts (a shared store) after a day.
 */
export function createIncoming(dir: string): Incoming {
  mkdirSync(dir, { recursive: true });
  const here = hostname().replace(/[^A-Za-z0-9-]/g, '-');
  for (const name of readdirSync(dir)) {
    if (isResidue(join(dir, name), name, here)) rmSync(join(dir, name), { force: true });
  }
  return { path: () => join(dir, `${here}.${process.pid}.${randomUUID()}`) };
}

function isResidue(path: string, name: string, here: string): boolean {
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changedAt === undefined) return false;
  const [host, pid] = name.split('.');
  if (host !== here) return changedAt < Date.now() - DAY_MS;
  // A container gives each run the same number.
  if (pid === String(process.pid)) return changedAt < Date.now() - process.uptime() * 1000;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

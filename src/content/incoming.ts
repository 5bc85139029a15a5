import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Work in progress, on the store's own disk so that a rename ends it. */
export interface Incoming {
  /** A path that nobody uses yet. */
  path(): string;
  /** A name that nobody has yet and that tells who owns what bears it. */
  owner(): string;
}

const DAY_MS = 86_400_000;

/**
 * Names say which process of which host writes the file. At the start the residue of dead processes is removed: of this
 * host by asking for the process, of other hosts (a shared store) after a day.
 */
export function createIncoming(dir: string): Incoming {
  mkdirSync(dir, { recursive: true });
  for (const name of readdirSync(dir)) {
    if (isAbandoned(join(dir, name), name)) rmSync(join(dir, name), { force: true });
  }
  const owner = (): string => `${here()}.${process.pid}.${randomUUID()}`;
  return { path: () => join(dir, owner()), owner };
}

function here(): string {
  return hostname().replace(/[^A-Za-z0-9-]/g, '-');
}

/** Whether the process that `owner` names is gone, and what it wrote at the path with it. */
export function isAbandoned(path: string, owner: string): boolean {
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changedAt === undefined) return false;
  const [host, pid] = owner.split('.');
  if (host !== here()) return changedAt < Date.now() - DAY_MS;
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

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { RedisLocation } from '../../workers/queue.js';
import { createContentStore } from '../content/store.js';
import type { Compute, ContentStore, Ledger, Log } from '../core/ports.js';
import { openLedger } from '../ledger/ledger.js';
import { startManagedRedis } from './children/redis.js';
import { lockDataDir } from './data-lock.js';
import { createComputePool } from './threads/pool.js';

const COMPUTE_THREADS = 2;
/** The largest file that a cabinet can hold is inspected and packed well within this. */
const COMPUTE_TIMEOUT_MS = 120_000;

export interface FoundationOptions {
  readonly dataDir: string;
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
  /** What a site is called in PackageIDs; a random one is made at the first start where null. */
  readonly siteId: string | null;
  /** One service per data folder; several worker hosts share a database and need no lock. */
  readonly lock: boolean;
  readonly log: Log;
}

/** What every role stands on: ledger, queue server, content store and compute threads. */
export interface Foundation {
  readonly dataDir: string;
  readonly siteId: string;
  readonly ledger: Ledger;
  readonly redis: RedisLocation;
  readonly content: ContentStore;
  readonly contentDir: string;
  readonly compute: Compute;
  /** Ends what was opened, the queue server last. */
  close(): Promise<void>;
}

/** REDIS_URL and DATABASE_URL are honoured; without them Redis is a managed child and the ledger SQLite. */
export async function openFoundation(options: FoundationOptions): Promise<Foundation> {
  const { dataDir, log } = options;
  const lock = options.lock ? lockDataDir(dataDir) : null;
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()];
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const managed = options.redisUrl === null ? await startManagedRedis(dataDir, log) : null;
    if (managed !== null) closing.push(() => managed.stop());
    const ledger = await openLedger(
      options.databaseUrl === null
        ? { file: join(dataDir, 'ledger.db') }
        : { databaseUrl: options.databaseUrl },
    );
    closing.push(() => ledger.close());
    const compute = createComputePool({ threads: COMPUTE_THREADS, timeoutMs: COMPUTE_TIMEOUT_MS });
    closing.push(() => compute.close());
    const contentDir = join(dataDir, 'content');
    return {
      dataDir,
      siteId: await openSite(ledger, options.siteId),
      ledger,
      redis: managed === null ? { url: options.redisUrl ?? '' } : { socketPath: managed.socketPath },
      content: createContentStore(contentDir),
      contentDir,
      compute,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const SITE_ID = 'site.id';

/** Created once and kept in the ledger: another value would give every update another PackageID. */
async function openSite(ledger: Ledger, wanted: string | null): Promise<string> {
  return ledger.transaction(async (tx) => {
    const known = await tx.setting(SITE_ID);
    if (known !== null) return known;
    const fresh = wanted ?? randomUUID();
    await tx.putSetting(SITE_ID, fresh);
    return fresh;
  });
}

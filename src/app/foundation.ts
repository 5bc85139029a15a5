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

export interface StoresOptions {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** What a site is called in PackageIDs; a random one is made at the first start where null. */
  readonly siteId: string | null;
}

export interface FoundationOptions extends StoresOptions {
  readonly redisUrl: string | null;
  /** One service per data folder; several worker hosts share a database and need no lock. */
  readonly lock: boolean;
  readonly log: Log;
}

/** What every command stands on: ledger, content store and compute threads. */
export interface Stores {
  readonly dataDir: string;
  readonly siteId: string;
  /** What tells this ledger from another one on the same Redis. */
  readonly installation: string;
  readonly ledger: Ledger;
  readonly content: ContentStore;
  readonly compute: Compute;
  close(): Promise<void>;
}

/** What every role that works stands on: the stores and the queue server. */
export interface Foundation extends Stores {
  readonly redis: RedisLocation;
}

/** DATABASE_URL is honoured; without it the ledger is SQLite in the data folder. */
export async function openStores({ dataDir, databaseUrl, siteId }: StoresOptions): Promise<Stores> {
  const ledger = await openLedger(
    databaseUrl === null ? { file: join(dataDir, 'ledger.db') } : { databaseUrl },
  );
  try {
    const compute = createComputePool({ threads: COMPUTE_THREADS, timeoutMs: COMPUTE_TIMEOUT_MS });
    return {
      dataDir,
      siteId: await settle(ledger, SITE_ID, siteId),
      installation: await settle(ledger, 'installation.id', null),
      ledger,
      content: createContentStore(join(dataDir, 'content')),
      compute,
      async close() {
        await compute.close();
        await ledger.close();
      },
    };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** REDIS_URL is honoured; without it Redis is a managed child, which ends last. */
export async function openFoundation(options: FoundationOptions): Promise<Foundation> {
  const { dataDir, redisUrl, log } = options;
  const lock = options.lock ? lockDataDir(dataDir) : null;
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const managed = redisUrl === null ? await startManagedRedis(dataDir, log) : null;
    if (managed !== null) closing.push(() => managed.stop());
    const stores = await openStores(options);
    closing.push(() => stores.close());
    const place = managed === null ? { url: redisUrl ?? '' } : { socketPath: managed.socketPath };
    return { ...stores, redis: { ...place, installation: stores.installation }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const SITE_ID = 'site.id';

/** Created once and kept in the ledger: another site id, for one, would give every update another PackageID. */
async function settle(ledger: Ledger, name: string, wanted: string | null): Promise<string> {
  return ledger.transaction(async (tx) => {
    const known = await tx.setting(name);
    if (known !== null) return known;
    const fresh = wanted ?? randomUUID();
    await tx.putSetting(name, fresh);
    return fresh;
  });
}

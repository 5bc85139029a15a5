import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bufferSource } from '../../src/core/bytes.js';
import { readCabinet } from '../../src/formats/cab/index.js';
import { connectRedis } from '../../workers/queue.js';

const LOOK_MS = 40;

/** Goes on beside a run until that has ended. */
export type Storm = (dataDir: string, isOver: () => boolean) => Promise<void>;

/** Waits until the line has begun, then lets Redis die or forget, with time to come back in between. */
export async function troubleRedis(dataDir: string, isOver: () => boolean, times: number): Promise<void> {
  const socketPath = join(dataDir, 'redis', 'redis.sock');
  await until(() => exists(socketPath) && exists(join(dataDir, 'ledger.db')), isOver);
  for (let n = 0; n < times && !isOver(); n += 1) {
    await pause(1500 + 700 * n);
    if (n % 2 === 0) {
      const redis = connectRedis({ socketPath });
      await Promise.race([redis.flushall(), pause(1000)]).catch(() => undefined);
      redis.disconnect();
    } else {
      spawnSync('pkill', ['-9', '-f', `^\\S*(redis|valkey)-server.*${socketPath}`]);
    }
  }
}

/** Takes all space, keeps it for a moment, gives it back. */
export async function fillDisk(dataDir: string, isOver: () => boolean, times: number): Promise<void> {
  const ballast = join(dataDir, 'ballast');
  for (let n = 0; n < times && !isOver(); n += 1) {
    await pause(300 + 900 * n);
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' });
    await pause(1500);
    rmSync(ballast, { force: true });
  }
}

/** A site that asks for the catalog all the while, and looks at each one that it is handed. */
export function createCatalogReader() {
  const seen = new Set<string>();
  const faults: string[] = [];
  let port = 0;
  const look = async (): Promise<void> => {
    const answer = await fetchCatalog(port);
    if (answer === null || answer.status === 404) return;
    const digest = createHash('sha256').update(answer.body).digest('hex');
    if (seen.has(digest)) return;
    seen.add(digest);
    try {
      assert.equal(answer.status, 200);
      assert.ok(answer.etag.includes(digest), `ETag ${answer.etag} is not of the bytes`);
      const names = [
        ...readCabinet(bufferSource(answer.body), { maxDecodedBytes: 64 << 20 }).extractAll(64 << 20),
      ];
      assert.ok(names.some(({ member }) => member.name === 'V2\\update_manifest.json'));
    } catch (error) {
      faults.push(String(error));
    }
  };
  return {
    seen,
    faults,
    onProgress(text: string) {
      port = Number(/served on port (\d+)/.exec(text)?.[1] ?? port);
    },
    storm: async (_dataDir: string, isOver: () => boolean) => {
      while (!isOver()) {
        if (port !== 0) await look();
        await pause(LOOK_MS);
      }
    },
  };
}

function fetchCatalog(port: number): Promise<{ status: number; etag: string; body: Buffer } | null> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/catalogs/patchpress.cab', rejectUnauthorized: false };
    const call = get(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => resolve(null));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          etag: response.headers.etag ?? '',
          body: Buffer.concat(pieces),
        }),
      );
    });
    // Before the server listens and after the run has ended.
    call.on('error', () => resolve(null));
  });
}

export async function until(condition: () => boolean, isOver: () => boolean): Promise<void> {
  while (!condition() && !isOver()) await pause(LOOK_MS);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

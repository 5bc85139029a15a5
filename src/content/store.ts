import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PermanentError, printable } from '../core/errors.js';
import type { FileDigests } from '../core/installer.js';
import type { ContentStore } from '../core/ports.js';
import { asStorageFault, isSystemError, tooLarge } from './faults.js';
import { createHashing } from './hashing.js';
import { createIncoming, type Incoming } from './incoming.js';
import { createPartials } from './partials.js';

const READ_ONLY = 0o444;

/**
 * Objects by SHA-256 at `<dir>/<first two hex>/<sha256>`: written to a temporary file, flushed, renamed, the folder
 * flushed. An object that is there already is kept if it is whole and replaced if it is damaged.
 */
export function createContentStore(dir: string): ContentStore {
  const incoming = createIncoming(join(dir, '.incoming'));
  const pathOf = (sha256: string): string => join(dir, checked(sha256).slice(0, 2), sha256);
  const place = (path: string, digests: FileDigests) => adopt(dir, path, pathOf(digests.sha256), digests);
  const put = (source: AsyncIterable<Uint8Array>, maxBytes: number) =>
    receive(incoming, source, maxBytes, place);
  const partials = createPartials(join(dir, '.partial'), incoming, place);
  return {
    put: (source, { maxBytes }) => put(source, maxBytes),
    putBuffer: (bytes) => put(once(bytes), Number.POSITIVE_INFINITY),
    putFile: (path) => adoptFile(path, place),
    claimPartial: (key) => partials.claim(key),
    has: async (sha256) => (await sizeOf(pathOf(sha256))) !== null,
    async check(sha256) {
      const path = pathOf(sha256);
      if ((await sizeOf(path)) === null) return 'missing';
      return (await digestsOf(path)).sha256 === sha256 ? 'whole' : 'damaged';
    },
    get: (sha256) => read(pathOf(sha256), sha256),
    pathOf,
    wholePath: createWholePath(pathOf),
    remove: (sha256, before) => remove(pathOf(sha256), before),
    temporaryPath: () => incoming.path(),
    derivedFolder: (name) => join(dir, '.derived', name),
  };
}

type Place = (path: string, digests: FileDigests) => Promise<void>;

async function receive(
  incoming: Incoming,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  place: Place,
): Promise<FileDigests> {
  const path = incoming.path();
  try {
    const digests = await write(path, source, maxBytes);
    await place(path, digests);
    return digests;
  } catch (error) {
    throw asStorageFault(error, path);
  } finally {
    await rm(path, { force: true });
  }
}

async function write(
  path: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<FileDigests> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hashing = createHashing();
    for await (const piece of source) {
      hashing.update(piece);
      if (hashing.sizeBytes() > maxBytes) throw tooLarge(maxBytes);
      await file.writeFile(piece);
    }
    await file.sync();
    return hashing.digests();
  } finally {
    await file.close();
  }
}

/** A file from elsewhere may be on another disk; then it is copied. */
async function adoptFile(path: string, place: Place): Promise<FileDigests> {
  try {
    const digests = await digestsOf(path);
    const file = await open(path, 'r');
    await file.sync().finally(() => file.close());
    await place(path, digests);
    await rm(path, { force: true });
    return digests;
  } catch (error) {
    throw asStorageFault(error, path);
  }
}

async function adopt(dir: string, from: string, to: string, digests: FileDigests): Promise<void> {
  if (await isWhole(to, digests)) return touch(to);
  await mkdir(dirname(to), { recursive: true });
  await chmod(from, READ_ONLY);
  await rename(from, to);
  await flushFolder(dirname(to));
  await flushFolder(dir);
}

/** So that nobody removes as old what was just put again; what another user wrote keeps its time. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch((error: unknown) => {
    if (!isSystemError(error, 'EPERM')) throw error;
  });
}

async function remove(path: string, before: Date): Promise<boolean> {
  const found = await statOf(path);
  if (found !== null && found.mtime >= before) return false;
  await rm(path, { force: true });
  return true;
}

async function isWhole(path: string, digests: FileDigests): Promise<boolean> {
  if ((await sizeOf(path)) !== digests.sizeBytes) return false;
  return (await digestsOf(path)).sha256 === digests.sha256;
}

/** A digest of a large file costs seconds, so a file that is the one which was read through is not read again. */
function createWholePath(pathOf: (sha256: string) => string): ContentStore['wholePath'] {
  const readThrough = new Map<string, string>();
  return async (sha256) => {
    const path = pathOf(sha256);
    const found = await statOf(path);
    if (found === null) throw gone(path, undefined);
    const mark = `${found.ino} ${found.mtimeMs} ${found.ctimeMs} ${found.size}`;
    if (readThrough.get(sha256) === mark) return path;
    const { sha256: digest } = await digestsOf(path);
    if (digest !== sha256) throw corrupt(path, sha256, digest);
    readThrough.set(sha256, mark);
    return path;
  };
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

async function sizeOf(path: string): Promise<number | null> {
  return (await statOf(path))?.size ?? null;
}

function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  });
}

async function read(path: string, sha256: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw isSystemError(cause, 'ENOENT') ? gone(path, cause) : cause;
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw corrupt(path, sha256, found);
}

const MEND = 'restore it from a backup, or let it be acquired again: patchpress republish --intent repair';

function gone(path: string, cause: unknown): PermanentError {
  return new PermanentError('content.missing', 'an object of the content store is gone', {
    where: path,
    nextStep: MEND,
    cause,
  });
}

function corrupt(path: string, expected: string, found: string): PermanentError {
  return new PermanentError('content.corrupt', 'an object of the content store does not have its digest', {
    where: path,
    expected: `sha256 ${expected}`,
    found: `sha256 ${found}`,
    nextStep: MEND,
  });
}

async function digestsOf(path: string): Promise<FileDigests> {
  const hashing = createHashing();
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hashing.update(piece);
  return hashing.digests();
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A digest becomes a path: nothing but one gets there. */
function checked(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw new PermanentError('payload.invalid', 'not the digest of an object', {
    expected: '64 lower-case hex digits',
    found: printable(sha256, 80),
  });
}

import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigests } from '../core/installer.js';
import type { PartialObject } from '../core/ports.js';
import { asStorageFault, tooLarge } from './faults.js';
import { createHashing, type Hashing } from './hashing.js';
import { type Incoming, isAbandoned } from './incoming.js';

const KEPT_MS = 7 * 86_400_000;
const BYTES = 'bytes';
const NOTE = 'note';

export interface Partials {
  claim(key: string): Promise<PartialObject>;
}

/**
 * Downloads that broke off, a folder each: `<key>.<owner>` with the bytes and the note of whoever downloads. Whoever
 * renames a folder that nobody alive owns has it alone; so what a killed process left is taken up as well.
 */
export function createPartials(
  dir: string,
  incoming: Incoming,
  adopt: (path: string, digests: FileDigests) => Promise<void>,
): Partials {
  mkdirSync(dir, { recursive: true });
  removeOld(dir);
  return {
    async claim(key) {
      const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
      const own = join(dir, `${name}.${incoming.owner()}`);
      const left = (await claimLeft(dir, name, own)) ?? (await makeEmpty(own));
      return openPartial(own, join(dir, `${name}.left`), left, adopt);
    },
  };
}

interface Left {
  readonly note: string | null;
  readonly hashing: Hashing;
}

async function claimLeft(dir: string, name: string, own: string): Promise<Left | null> {
  for (const found of await readdir(dir)) {
    if (!found.startsWith(`${name}.`)) continue;
    const owner = found.slice(name.length + 1);
    if (owner !== 'left' && !isAbandoned(join(dir, found), owner)) continue;
    const isOurs = await rename(join(dir, found), own).then(
      () => true,
      () => false,
    );
    if (isOurs) return readLeft(own);
  }
  return null;
}

/** The bytes are hashed anew: what tells the digest of the whole must have seen all of it. */
async function readLeft(own: string): Promise<Left> {
  const hashing = createHashing();
  const note = await readFile(join(own, NOTE), 'utf8').catch(() => null);
  if (note === null || (await stat(join(own, BYTES)).catch(() => null)) === null) {
    await rm(own, { recursive: true, force: true });
    return makeEmpty(own);
  }
  for await (const piece of createReadStream(join(own, BYTES), { highWaterMark: 1 << 20 }))
    hashing.update(piece);
  return { note, hashing };
}

async function makeEmpty(own: string): Promise<Left> {
  await mkdir(own, { recursive: true });
  return { note: null, hashing: createHashing() };
}

function openPartial(
  own: string,
  left: string,
  from: Left,
  adopt: (path: string, digests: FileDigests) => Promise<void>,
): PartialObject {
  const path = join(own, BYTES);
  let { note, hashing } = from;
  const drop = () => rm(own, { recursive: true, force: true });
  return {
    sizeBytes: () => hashing.sizeBytes(),
    note: () => note,
    async begin(text) {
      note = text;
      hashing = createHashing();
      await writeFile(path, '', { mode: 0o600 });
      await writeFile(join(own, NOTE), text);
    },
    async append(source, { maxBytes }) {
      const file = await open(path, 'a', 0o600);
      try {
        for await (const piece of source) {
          if (hashing.sizeBytes() + piece.length > maxBytes) throw tooLarge(maxBytes);
          await file.writeFile(piece);
          // After it was written: what could not be written is not counted.
          hashing.update(piece);
        }
        await file.sync();
      } catch (error) {
        throw asStorageFault(error, path);
      } finally {
        await file.close();
      }
    },
    async finish() {
      const digests = hashing.digests();
      await adopt(path, digests);
      await drop();
      return digests;
    },
    async leave() {
      // Somebody else may have left the same file meanwhile: one is enough.
      await rename(own, left).catch(drop);
    },
    drop,
  };
}

function removeOld(dir: string): void {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedAt < Date.now() - KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}

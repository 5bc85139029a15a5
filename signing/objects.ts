import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { PermanentError } from '../src/core/errors.js';
import { asStorageFault } from './authenticode/sign-file.js';

const READ_ONLY = 0o444;

/**
 * The bytes of an object of the content store, at `<dir>/<first two hex>/<sha256>`. They are read once, hashed and used
 * from memory: nobody can change them after the check. PermanentError `content.missing`, `content.corrupt`, or
 * `signer.refused` above `maxBytes`.
 */
export async function readObject(dir: string, sha256: string, maxBytes: number): Promise<Buffer> {
  const path = pathOf(dir, sha256);
  const bytes = await readFileUpTo(path, maxBytes);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new PermanentError('content.corrupt', 'an object of the content store does not have its digest', {
    where: path,
    expected: `sha256 ${sha256}`,
    found: `sha256 ${found}`,
    nextStep: 'nothing was signed; build the catalog again',
  });
}

async function readFileUpTo(path: string, maxBytes: number): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return await readFile(path);
    throw new PermanentError('signer.refused', 'the cabinet is larger than the signer takes', {
      where: path,
      expected: `at most ${maxBytes} bytes`,
      found: `${size} bytes`,
    });
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOENT') throw cause;
    throw new PermanentError('content.missing', 'there is nothing to sign under this digest', {
      where: path,
      nextStep: 'check that service and signer share the content store',
      cause,
    });
  }
}

/**
 * Puts an object into the content store: temporary file, fsync, rename, fsync of the folder. Temporary files are named
 * as the store names its own, so that it clears what a dead signer left. RetryableError `storage.full`.
 */
export async function writeObject(dir: string, bytes: Buffer): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = pathOf(dir, sha256);
  const host = hostname().replace(/[^A-Za-z0-9-]/g, '-');
  const temporary = join(dir, '.incoming', `${host}.${process.pid}.${randomUUID()}`);
  try {
    await mkdir(dirname(temporary), { recursive: true });
    await mkdir(dirname(path), { recursive: true });
    await writeFlushed(temporary, bytes);
    await rename(temporary, path);
    await flushFolder(dirname(path));
    await flushFolder(dir);
    return sha256;
  } catch (error) {
    throw asStorageFault(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeFlushed(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.chmod(READ_ONLY);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

function pathOf(dir: string, sha256: string): string {
  return join(dir, sha256.slice(0, 2), sha256);
}

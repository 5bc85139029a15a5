import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PermanentError, printable } from '../core/errors.js';
import type { Mirror, MirroredFile } from '../core/mirror.js';
import { asStorageFault } from './faults.js';

/** A folder that a web server serves: each file is copied beside its place, flushed and renamed. */
export function createFolderMirror(folder: string): Mirror {
  return {
    place: folder,
    async put(file) {
      const path = placeOf(folder, file.path);
      if (file.isFixed && (await isThere(path, file))) return;
      try {
        await place(await file.source(), path);
      } catch (error) {
        throw asMirrorFault(asStorageFault(error, path), path);
      }
    },
  };
}

/** Names come from vendors: none may lead out of the folder. */
function placeOf(folder: string, path: string): string {
  const parts = path.split('/');
  if (parts.every((part) => /^[^.\\/:*?"<>|\p{Cc}][^\\/:*?"<>|\p{Cc}]*$/u.test(part)))
    return join(folder, ...parts);
  throw new PermanentError('target.refused', 'the file cannot have this name in a folder', {
    where: printable(path, 300),
    expected: 'names without separators and control characters',
  });
}

/** What was renamed into its place is whole; its size tells a place that somebody else has filled. */
async function isThere(path: string, { sizeBytes }: MirroredFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === sizeBytes;
}

async function place(source: string, path: string): Promise<void> {
  // A turn that lost its lease may still put the same.
  const fresh = `${path}.${randomUUID()}.new`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await copyFile(source, fresh);
    const file = await open(fresh, 'r+');
    await file.chmod(0o644);
    await file.sync();
    await file.close();
    await rename(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
}

function asMirrorFault(error: unknown, path: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new PermanentError('target.refused', 'the folder of the mirror cannot be written', {
    where: path,
    found: code,
    nextStep:
      'give the account of the service the right to write there (content.mirror.folder); it is tried again with the next sync',
    cause: error,
  });
}

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogPart, decodePart, encodePart } from './part.js';

/** Parts by key. What is lost or damaged is made again, so nothing is synchronised to the disk and all may be deleted. */
export interface PartFolder {
  find(key: string): CatalogPart | null;
  put(key: string, part: CatalogPart): void;
  /** Forgets all parts but these: the folder is never larger than one catalog. */
  keepOnly(keys: ReadonlySet<string>): void;
}

export function openPartFolder(path: string): PartFolder {
  mkdirSync(path, { recursive: true });
  return {
    find: (key) => {
      const bytes = readIfThere(join(path, key));
      return bytes === null ? null : decodePart(bytes);
    },
    put(key, part) {
      const temporary = join(path, `${key}.${process.pid}`);
      try {
        writeFileSync(temporary, encodePart(part));
        renameSync(temporary, join(path, key));
      } catch (error) {
        // Without space for it the part is made each time it is needed.
        rmSync(temporary, { force: true });
        if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) throw error;
      }
    },
    keepOnly(keys) {
      for (const name of readdirSync(path)) {
        if (!keys.has(name)) rmSync(join(path, name), { force: true });
      }
    },
  };
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

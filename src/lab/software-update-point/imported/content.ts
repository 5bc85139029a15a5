import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DocumentFile, ImportedDocument } from './documents.js';
import { extensionOf } from './serve.js';

/**
 * Takes the files of the documents into the content folder, where the imported folder has them: under their own name beside
 * the document, or by their digest. Only bytes with the document's digest are taken. Tells the names of those that are not
 * there: a server names their address all the same, as a real one does.
 */
export async function takeContent(
  documents: readonly ImportedDocument[],
  importFolder: string,
  contentFolder: string,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { files, path } of documents) {
    for (const file of files) {
      if (!(await takeFile(file, [dirname(path), importFolder], contentFolder))) missing.push(file.fileName);
    }
  }
  return missing;
}

async function takeFile(
  file: DocumentFile,
  folders: readonly string[],
  contentFolder: string,
): Promise<boolean> {
  const hex = Buffer.from(file.digest, 'base64').toString('hex').toUpperCase();
  if (hex.length !== 40) return false;
  const name = `${hex}.${extensionOf(file.fileName)}`;
  const place = join(contentFolder, hex.slice(-2), name);
  if (existsSync(place)) return true;
  for (const candidate of candidatesOf(file, hex, name, folders)) {
    if (!isFile(candidate) || (await sha1Of(candidate)) !== hex) continue;
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(candidate, `${place}.new`);
    renameSync(`${place}.new`, place);
    return true;
  }
  return false;
}

/** The name comes from a document: only its last part is used. */
function candidatesOf(
  { fileName }: DocumentFile,
  hex: string,
  name: string,
  folders: readonly string[],
): readonly string[] {
  const plain = basename(fileName.replaceAll('\\', '/'));
  const names = [plain, name, name.toLowerCase(), hex, hex.toLowerCase()].filter((one) => one !== '');
  return folders.flatMap((folder) => [
    ...names.map((one) => join(folder, one)),
    ...names.map((one) => join(folder, 'content', one)),
    join(folder, 'content', hex.slice(-2), name),
  ]);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex').toUpperCase();
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { PermanentError } from '../../../core/errors.js';
import type { CabinetMember } from '../../../core/ports.js';
import { writeCabinet } from '../../../formats/cab/index.js';
import { EXIT, type OutputOptions, show } from '../output.js';

/** `patchpress cab create --out FILE DIR`: everything in a folder, by name; equal files give an equal cabinet. */
export async function createCab(
  folder: string,
  { out, force = false, ...output }: OutputOptions & { out: string; force?: boolean },
): Promise<number> {
  const members = membersOf(folder);
  refuseOverwriting(out, force);
  const { sizeBytes } = writeCabinet(members, out, { signatureReserve: true });
  const result = { out, sizeBytes, members: members.map(({ name }) => name) };
  show(output, result, () => `${out}: ${members.length} files, ${sizeBytes} bytes, ready to be signed`);
  return EXIT.ok;
}

function membersOf(folder: string): readonly CabinetMember[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new PermanentError('not-found', 'there is no such folder', {
      where: folder,
      nextStep: 'name the folder whose files go into the cabinet',
    });
  }
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return paths
    .map((path) => ({
      name: relative(folder, path).split(sep).join('\\'),
      modified: statSync(path).mtime.toISOString(),
      content: { path },
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** PermanentError where a file stands there already and nobody said that it may go. */
export function refuseOverwriting(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new PermanentError('configuration.invalid', 'the file is there already', {
    where: path,
    expected: 'a path where nothing stands',
    nextStep: 'name another, or say --force',
  });
}

import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { type DecodeBudget, FolderReader } from './folder-reader.js';
import { type CabinetEntry, type CabinetHeader, malformed, readCabinetHeader } from './header.js';

export interface Cabinet extends CabinetHeader {
  /** The member's bytes. PermanentError `cabinet.malformed` also when it is larger than `limitBytes`. */
  extract(member: CabinetEntry, limitBytes: number): Buffer;
  /** The first member of that name, case and `/` against `\` aside; null when there is none. */
  find(name: string): CabinetEntry | null;
  /** Its bytes piece by piece, for a member of any size: to be read to its end before another is begun. */
  pieces(member: CabinetEntry): Iterable<Buffer>;
  /** Every member in stored order, decoded in one pass; `limitBytes` bounds them all together. */
  extractAll(limitBytes: number): Generator<{ readonly member: CabinetEntry; readonly bytes: Buffer }>;
}

/**
 * Opens a cabinet, MSZIP or stored. Nothing of it is trusted: tables and blocks are checked against the file, and all
 * extraction together decodes at most `maxDecodedBytes`.
 */
export function readCabinet(
  source: ByteSource,
  options: { readonly maxDecodedBytes?: number } = {},
): Cabinet {
  const header = readCabinetHeader(source);
  const budget: DecodeBudget = { leftBytes: options.maxDecodedBytes ?? 0x1_0000_0000 };
  const readers = new Map<number, FolderReader>();

  const readerOf = (index: number): FolderReader => {
    const known = readers.get(index);
    if (known !== undefined) return known;
    const folder = header.folders[index];
    if (folder === undefined) throw malformed('no such folder', `below ${header.folders.length}`, `${index}`);
    const reader = new FolderReader(source, header, folder, budget);
    readers.set(index, reader);
    return reader;
  };

  const extract = (member: CabinetEntry, limitBytes: number): Buffer => {
    if (member.sizeBytes > limitBytes) throw tooLarge(member, limitBytes);
    if (member.sizeBytes === 0) return Buffer.alloc(0);
    return readerOf(member.folder).read(member.offset, member.sizeBytes);
  };

  return {
    ...header,
    extract,
    pieces: (member) =>
      member.sizeBytes === 0 ? [] : readerOf(member.folder).pieces(member.offset, member.sizeBytes),
    find: (name) => header.members.find((member) => sameName(member.name, name)) ?? null,
    *extractAll(limitBytes) {
      let left = limitBytes;
      for (const member of inStoredOrder(header.members)) {
        const bytes = extract(member, left);
        left -= bytes.length;
        yield { member, bytes };
      }
    },
  };
}

function inStoredOrder(members: readonly CabinetEntry[]): readonly CabinetEntry[] {
  return [...members].sort((a, b) => a.folder - b.folder || a.offset - b.offset);
}

function sameName(a: string, b: string): boolean {
  return a === b || fold(a) === fold(b);
}

function fold(name: string): string {
  return name.replaceAll('/', '\\').toUpperCase();
}

function tooLarge(member: CabinetEntry, limitBytes: number): PermanentError {
  return new PermanentError('cabinet.malformed', 'a member is larger than is accepted here', {
    where: member.name,
    expected: `at most ${limitBytes} bytes`,
    found: `${member.sizeBytes} bytes`,
  });
}

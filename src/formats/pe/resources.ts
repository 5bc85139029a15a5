import type { ByteSource } from '../../core/bytes.js';
import type { PeHeaders } from './headers.js';

export const RESOURCE_TYPE = { data: 10, version: 16, manifest: 24 } as const;
const MAX_ROWS = 512;
const MAX_RESOURCE_BYTES = 1 << 20;

/**
 * The first resource of a type, by its number or whatever it is called, in any language, or null. What is broken is left
 * out: these bytes only inform, nothing is decided by them alone.
 */
export function readResource(
  source: ByteSource,
  headers: PeHeaders,
  type: number,
  number?: number,
): Buffer | null {
  const start = headers.resources === null ? null : toFileOffset(headers, headers.resources.address);
  if (start === null) return null;
  const typeRow = readRows(source, start, 0).find((row) => row.id === type);
  if (typeRow === undefined || !typeRow.isTable) return null;
  for (const name of readRows(source, start, typeRow.offset).filter((row) => row.isTable)) {
    if (number !== undefined && name.id !== number) continue;
    for (const language of readRows(source, start, name.offset).filter((row) => !row.isTable)) {
      const bytes = readData(source, headers, start + language.offset);
      if (bytes !== null) return bytes;
    }
  }
  return null;
}

/** IMAGE_RESOURCE_DIRECTORY and its rows; three levels: type, name, language. */
function readRows(source: ByteSource, start: number, offset: number) {
  const head = source.read(start + offset, 16);
  if (head.length < 16) return [];
  const count = Math.min(head.readUInt16LE(12) + head.readUInt16LE(14), MAX_ROWS);
  const table = source.read(start + offset + 16, count * 8);
  return Array.from({ length: Math.floor(table.length / 8) }, (_, index) => {
    const target = table.readUInt32LE(index * 8 + 4);
    return {
      id: table.readUInt32LE(index * 8),
      isTable: target >= 0x8000_0000,
      offset: target % 0x8000_0000,
    };
  });
}

function readData(source: ByteSource, headers: PeHeaders, at: number): Buffer | null {
  const row = source.read(at, 16);
  if (row.length < 16) return null;
  const sizeBytes = row.readUInt32LE(4);
  const offset = toFileOffset(headers, row.readUInt32LE(0));
  if (offset === null || sizeBytes > MAX_RESOURCE_BYTES) return null;
  const bytes = source.read(offset, sizeBytes);
  return bytes.length === sizeBytes ? bytes : null;
}

function toFileOffset(headers: PeHeaders, address: number): number | null {
  for (const section of headers.sections) {
    const inside = address - section.virtualAddress;
    if (inside >= 0 && inside < section.fileSizeBytes) return section.fileOffset + inside;
  }
  return null;
}

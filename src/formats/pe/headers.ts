import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { readExactly } from '../byte-reader.js';

export interface PeSection {
  readonly name: string;
  readonly virtualAddress: number;
  readonly virtualSizeBytes: number;
  readonly fileOffset: number;
  readonly fileSizeBytes: number;
}

export interface PeDirectory {
  /** An RVA, but a file offset for the security directory. */
  readonly address: number;
  readonly sizeBytes: number;
}

export interface PeHeaders {
  /** IMAGE_FILE_MACHINE_*: 0x14c x86, 0x8664 x64, 0xaa64 ARM64. */
  readonly machine: number;
  readonly format: 'PE32' | 'PE32+';
  readonly isDll: boolean;
  readonly sections: readonly PeSection[];
  /** File offset of the u4 CheckSum. */
  readonly checksumOffset: number;
  /** File offset of the security directory's 8 bytes, or null where the header ends before. */
  readonly securityEntryOffset: number | null;
  readonly security: PeDirectory | null;
  readonly resources: PeDirectory | null;
  /** Where the sections end in the file: what follows is overlay (installer data, certificate table). */
  readonly overlayOffset: number;
}

const DIRECTORY = { resources: 2, security: 4 } as const;
const MAX_SECTIONS = 96;

/** PE/COFF headers; null when the file is no PE at all. PermanentError `installer.malformed` when it is a broken one. */
export function readPeHeaders(source: ByteSource): PeHeaders | null {
  const dos = source.read(0, 64);
  if (dos.length < 64 || dos.toString('latin1', 0, 2) !== 'MZ') return null;
  const peAt = dos.readUInt32LE(60);
  const coff = read(source, peAt, 24, 'the PE header');
  if (coff.toString('latin1', 0, 4) !== 'PE\0\0') return null;
  const optionalAt = peAt + 24;
  const optional = read(source, optionalAt, coff.readUInt16LE(20), 'the optional header');
  const magic = optional.length >= 96 ? optional.readUInt16LE(0) : 0;
  if (magic !== 0x10b && magic !== 0x20b) {
    throw malformed('an unknown optional header', '0x10b or 0x20b', `0x${magic.toString(16)}`);
  }
  const tablesAt = magic === 0x10b ? 96 : 112;
  const directory = directoryReader(optional, tablesAt);
  const sections = readSections(source, optionalAt + optional.length, coff.readUInt16LE(6));
  const securityAt = tablesAt + DIRECTORY.security * 8;
  return {
    machine: coff.readUInt16LE(4),
    format: magic === 0x10b ? 'PE32' : 'PE32+',
    isDll: (coff.readUInt16LE(22) & 0x2000) !== 0,
    sections,
    checksumOffset: optionalAt + 64,
    securityEntryOffset: directory.has(DIRECTORY.security) ? optionalAt + securityAt : null,
    security: directory.get(DIRECTORY.security),
    resources: directory.get(DIRECTORY.resources),
    overlayOffset: overlayOffset(sections, optional.readUInt32LE(60), source.sizeBytes),
  };
}

function directoryReader(optional: Buffer, tablesAt: number) {
  const counted = optional.length >= tablesAt ? optional.readUInt32LE(tablesAt - 4) : 0;
  const has = (index: number): boolean => index < counted && tablesAt + index * 8 + 8 <= optional.length;
  const get = (index: number): PeDirectory | null => {
    if (!has(index)) return null;
    const at = tablesAt + index * 8;
    const entry = { address: optional.readUInt32LE(at), sizeBytes: optional.readUInt32LE(at + 4) };
    return entry.address === 0 || entry.sizeBytes === 0 ? null : entry;
  };
  return { has, get };
}

function readSections(source: ByteSource, at: number, count: number): PeSection[] {
  if (count > MAX_SECTIONS) throw malformed('too many sections', `at most ${MAX_SECTIONS}`, `${count}`);
  const table = read(source, at, count * 40, 'the section table');
  return Array.from({ length: count }, (_, index) => {
    const row = table.subarray(index * 40, index * 40 + 40);
    return {
      name: row.toString('latin1', 0, 8).replace(/\0.*$/s, ''),
      virtualSizeBytes: row.readUInt32LE(8),
      virtualAddress: row.readUInt32LE(12),
      fileSizeBytes: row.readUInt32LE(16),
      fileOffset: row.readUInt32LE(20),
    };
  });
}

function overlayOffset(sections: readonly PeSection[], headersBytes: number, fileBytes: number): number {
  const ends = sections
    .filter((section) => section.fileSizeBytes > 0)
    .map((section) => section.fileOffset + section.fileSizeBytes);
  return Math.min(Math.max(headersBytes, ...ends), fileBytes);
}

function read(source: ByteSource, position: number, length: number, what: string): Buffer {
  return readExactly(source, position, length, 'installer.malformed', what);
}

function malformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('installer.malformed', message, {
    expected,
    found,
    nextStep: 'look at what was really downloaded; the file may be damaged or hostile',
  });
}

import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../core/bytes.js';
import { readExactly } from '../byte-reader.js';
import type { PeHeaders } from '../pe/index.js';
import { readBlock } from './block.js';
import { type InnoTexts, readRecord } from './header.js';
import { innoMalformed } from './malformed.js';
import { type InnoNumbers, readNumbers } from './numbers.js';
import { findSetup0 } from './offset-table.js';
import { parseSetupId, SETUP_ID_BYTES } from './version.js';

export type { InnoTexts } from './header.js';
export type { InnoNumbers } from './numbers.js';

/** An installer of Inno Setup, as far as its own header can be read. */
export interface InnoSetup {
  /** Since which version of Inno Setup the header has this form; null for one that names itself otherwise. */
  readonly formatVersion: string | null;
  /** Null: encrypted, or a form that is not known here. */
  readonly texts: InnoTexts | null;
  readonly numbers: InnoNumbers | null;
}

/** Forms that are known from installers of these versions; a damaged header of another one may be a new form. */
const KNOWN = { from: 50500, before: 60600 } as const;
const UNREADABLE = { texts: null, numbers: null } as const;

/** Null when the file is no installer of Inno Setup; PermanentError `installer.malformed` when it is a damaged one. */
export function readInnoSetup(source: ByteSource, pe: PeHeaders): InnoSetup | null {
  const offset = findSetup0(source, pe);
  return offset === null ? null : readSetup0(source, offset);
}

/** `setup.0`, which begins at `offset`. Inno Setup 5.5 to 6.5 is read; of others what has the same form. */
export function readSetup0(source: ByteSource, offset: number): InnoSetup {
  const version = parseSetupId(read(source, offset, SETUP_ID_BYTES));
  if (version === null) return { formatVersion: null, ...UNREADABLE };
  const encryption = encryptionOf(source, offset + SETUP_ID_BYTES);
  const formatVersion = version.text;
  if (version.number < KNOWN.from || encryption.isHeaderEncrypted) return { formatVersion, ...UNREADABLE };
  const header = readBlock(source, offset + SETUP_ID_BYTES + encryption.lengthBytes);
  if (header === null) {
    if (version.number >= KNOWN.before) return { formatVersion, ...UNREADABLE };
    throw innoMalformed('the header is damaged', 'its own CRC-32', 'another');
  }
  const record = readRecord(header, version);
  if (record === null) return { formatVersion, ...UNREADABLE };
  const { texts, numbersAt } = record;
  return {
    formatVersion,
    texts,
    numbers: numbersAt === null ? null : readNumbers(header, numbersAt, version),
  };
}

/** TSetupEncryptionHeader, from 6.5 on between the id and the header: u4 CRC-32, then u1 EncryptionUse and 48 bytes more. */
const ENCRYPTION_BYTES = 49;
const ENCRYPTION_FULL = 2;

function encryptionOf(source: ByteSource, position: number) {
  const bytes = source.read(position, 4 + ENCRYPTION_BYTES);
  const isThere = bytes.length === 4 + ENCRYPTION_BYTES && crc32(bytes.subarray(4)) === bytes.readUInt32LE(0);
  return isThere
    ? { lengthBytes: bytes.length, isHeaderEncrypted: bytes[4] === ENCRYPTION_FULL }
    : { lengthBytes: 0, isHeaderEncrypted: false };
}

function read(source: ByteSource, position: number, length: number): Buffer {
  return readExactly(source, position, length, 'installer.malformed', 'the Inno Setup data');
}

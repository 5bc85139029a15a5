import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../core/bytes.js';
import { type PeHeaders, RESOURCE_TYPE, readResource } from '../pe/index.js';
import { innoMalformed } from './malformed.js';

/** SetupLdrOffsetTableResID and SetupLdrOffsetTableID of Inno Setup's Shared.Struct unit (5.1.5 and later). */
const RESOURCE_NAME = 11111;
const MARK = Buffer.from('72446c507453cde6d77b0b2a', 'hex');
/** Version 1 has 32-bit offsets; version 2 (6.5 and later) has 64-bit ones. */
const TABLES = { 1: { lengthBytes: 44, offset0: 32 }, 2: { lengthBytes: 64, offset0: 40 } } as const;

/**
 * Where `setup.0` lies in the file, by the table that Inno Setup's loader reads; null when there is none. PermanentError
 * `installer.malformed` for a table that is damaged.
 */
export function findSetup0(source: ByteSource, pe: PeHeaders): number | null {
  const table = readResource(source, pe, RESOURCE_TYPE.data, RESOURCE_NAME);
  if (table === null || !table.subarray(0, MARK.length).equals(MARK)) return null;
  const version = table.length < 16 ? 0 : table.readUInt32LE(12);
  if (version !== 1 && version !== 2) throw innoMalformed('an unknown offset table', '1 or 2', `${version}`);
  const { lengthBytes, offset0 } = TABLES[version];
  const fits = table.length >= lengthBytes;
  if (!fits || crc32(table.subarray(0, lengthBytes - 4)) !== table.readUInt32LE(lengthBytes - 4)) {
    throw innoMalformed(
      'the offset table is damaged',
      'its own CRC-32',
      `${table.length} bytes with another`,
    );
  }
  return version === 1 ? table.readUInt32LE(offset0) : Number(table.readBigUInt64LE(offset0));
}

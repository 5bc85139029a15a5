import { bufferSource } from '../../core/bytes.js';
import { readRanges } from '../../formats/byte-reader.js';
import {
  type PeHeaders,
  peAuthenticodeRanges,
  RESOURCE_TYPE,
  readPeHeaders,
} from '../../formats/pe/index.js';
import { digestOf, OID, peImageData, signatureOver, type VendorIdentity } from './authenticode.js';
import { type VersionTexts, writeVersionResource } from './version-resource.js';

const SECTION_ROW_BYTES = 40;
const CERTIFICATE_HEAD_BYTES = 8;
const AUTHENTICODE = { revision: 0x0200, type: 0x0002 } as const;

/** A program with another version resource; what stands behind its sections has moved by `movedBytes`. */
export interface Reworded {
  readonly bytes: Buffer;
  readonly movedBytes: number;
}

/** Puts the resource behind the others: their section is the last one, so that nothing else in memory moves. */
export function withVersionResource(program: Buffer, texts: VersionTexts): Reworded {
  const headers = headersOf(program);
  const { section, row } = resourceSection(program, headers);
  const resource = writeVersionResource(texts);
  const fileAlignment = program.readUInt32LE(optionalAt(program) + 36);
  const start = section.fileSizeBytes;
  const grown = roundUp(start + resource.length, fileAlignment);
  const end = section.fileOffset + section.fileSizeBytes;
  const added = Buffer.alloc(grown - start);
  resource.copy(added);
  const bytes = Buffer.concat([program.subarray(0, end), added, program.subarray(end)]);
  const place = versionEntry(program, section.fileOffset);
  bytes.writeUInt32LE(section.virtualAddress + start, place);
  bytes.writeUInt32LE(resource.length, place + 4);
  bytes.writeUInt32LE(grown, row + 8);
  bytes.writeUInt32LE(grown, row + 16);
  const optional = optionalAt(program);
  const sectionAlignment = program.readUInt32LE(optional + 32);
  bytes.writeUInt32LE(roundUp(section.virtualAddress + grown, sectionAlignment), optional + 56);
  // The directory of resources: its size.
  bytes.writeUInt32LE(grown, optional + 96 + 2 * 8 + 4);
  return { bytes, movedBytes: added.length };
}

/** The program with its vendor's signature behind it, and its checksum. */
export function signExecutable(unsigned: Buffer, vendor: VendorIdentity): Buffer {
  // The certificate table begins on a multiple of 8, and the digest covers what fills the gap.
  const program = Buffer.concat([unsigned, Buffer.alloc(roundUp(unsigned.length, 8) - unsigned.length)]);
  const source = bufferSource(program);
  const { ranges } = peAuthenticodeRanges(source);
  const digest = digestOf(readRanges(source, ranges, 'signature.malformed'));
  const pkcs7 = signatureOver(peImageData(), OID.spcPeImageData, digest, vendor);
  const row = Buffer.alloc(roundUp(CERTIFICATE_HEAD_BYTES + pkcs7.length, 8));
  row.writeUInt32LE(row.length, 0);
  row.writeUInt16LE(AUTHENTICODE.revision, 4);
  row.writeUInt16LE(AUTHENTICODE.type, 6);
  pkcs7.copy(row, CERTIFICATE_HEAD_BYTES);
  const signed = Buffer.concat([program, row]);
  const { securityEntryOffset, checksumOffset } = headersOf(program);
  if (securityEntryOffset === null) throw new Error('the program has no place for a signature');
  signed.writeUInt32LE(program.length, securityEntryOffset);
  signed.writeUInt32LE(row.length, securityEntryOffset + 4);
  signed.writeUInt32LE(0, checksumOffset);
  signed.writeUInt32LE(checksumOf(signed), checksumOffset);
  return signed;
}

function headersOf(program: Buffer): PeHeaders {
  const headers = readPeHeaders(bufferSource(program));
  if (headers === null || headers.format !== 'PE32') throw new Error('not a 32-bit program');
  return headers;
}

function optionalAt(program: Buffer): number {
  return program.readUInt32LE(60) + 24;
}

function resourceSection(program: Buffer, { sections, resources }: PeHeaders) {
  const section = sections.at(-1);
  if (section === undefined || section.virtualAddress !== resources?.address) {
    throw new Error('the resources are not the last section');
  }
  const table = optionalAt(program) + program.readUInt16LE(program.readUInt32LE(60) + 20);
  return { section, row: table + (sections.length - 1) * SECTION_ROW_BYTES };
}

/** Where the file says of the version resource its address and size: type, then the first name, then its first language. */
function versionEntry(program: Buffer, start: number): number {
  const rows = (table: number) => {
    const count = program.readUInt16LE(start + table + 12) + program.readUInt16LE(start + table + 14);
    return Array.from({ length: count }, (_, index) => {
      const at = start + table + 16 + index * 8;
      return { id: program.readUInt32LE(at), offset: program.readUInt32LE(at + 4) % 0x8000_0000 };
    });
  };
  const type = rows(0).find(({ id }) => id === RESOURCE_TYPE.version);
  const name = type && rows(type.offset)[0];
  const language = name && rows(name.offset)[0];
  if (language === undefined) throw new Error('the program has no version resource');
  return start + language.offset;
}

/** The sum of all words with its carries, and the length (ImageHlp, CheckSumMappedFile); the field itself counts as zero. */
function checksumOf(program: Buffer): number {
  let sum = 0;
  for (let at = 0; at < program.length; at += 2) {
    sum += at + 1 < program.length ? program.readUInt16LE(at) : program.readUInt8(at);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum + program.length;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

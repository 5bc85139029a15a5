/** Sizes and limits of a cabinet. [MS-CAB] 2; limits as FCI keeps them. */
export const CAB = {
  headerBytes: 36,
  /** u2 cbCFHeader, u1 cbCFFolder, u1 cbCFData: present with flag 4. */
  reserveSizesBytes: 4,
  signatureReserveBytes: 20,
  folderBytes: 8,
  fileBytes: 16,
  dataBytes: 8,
  blockBytes: 32768,
  /** [MS-MCI] 3: a block holds at most 12 bytes more than its plain text, the letters CK included. */
  maxMsZipBlockBytes: 32768 + 12,
  maxMembers: 65535,
  maxFolders: 65535,
  maxNameBytes: 255,
  /** 65535 blocks of 32768 bytes: what the u2 cCFData can count, and a member may not leave its folder. */
  maxFolderBytes: 0x7fff8000,
  maxCabinetBytes: 0x7fffffff,
} as const;

export const FLAG = { previous: 1, next: 2, reserve: 4 } as const;
export const ATTRIBUTE = { archive: 0x20, utf8Name: 0x80 } as const;
export const COMPRESSION = { none: 0, msZip: 1, lzx: 3 } as const;

const EMPTY = Buffer.alloc(0);

/**
 * CFDATA.csum [MS-CAB] 3.1: XOR of the data as little-endian words, the last one to three bytes as one word in
 * big-endian order, then XOR with cbData and cbUncomp (and the bytes of a per-block reserve between the two).
 */
export function blockChecksum(data: Buffer, uncompressedBytes: number, blockReserve: Buffer = EMPTY): number {
  const sizes = Buffer.alloc(4 + blockReserve.length);
  sizes.writeUInt16LE(data.length, 0);
  sizes.writeUInt16LE(uncompressedBytes, 2);
  blockReserve.copy(sizes, 4);
  return (xorWords(data) ^ xorWords(sizes)) >>> 0;
}

function xorWords(data: Buffer): number {
  const words = data.length >>> 2;
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  const view = new Int32Array(aligned.buffer, aligned.byteOffset, words);
  let sum = 0;
  for (let index = 0; index < words; index += 1) sum ^= view[index] ?? 0;
  let last = 0;
  for (const byte of data.subarray(words * 4)) last = (last << 8) | byte;
  return sum ^ last;
}

/** DOS date and time in UTC, two seconds fine, 1980 to 2107. */
export function toDosTime(modified: Date): { readonly date: number; readonly time: number } {
  const year = modified.getUTCFullYear();
  if (Number.isNaN(year) || year < 1980) return { date: (1 << 5) | 1, time: 0 };
  if (year > 2107) return { date: (127 << 9) | (12 << 5) | 31, time: (23 << 11) | (59 << 5) | 29 };
  return {
    date: ((year - 1980) << 9) | ((modified.getUTCMonth() + 1) << 5) | modified.getUTCDate(),
    time: (modified.getUTCHours() << 11) | (modified.getUTCMinutes() << 5) | (modified.getUTCSeconds() >>> 1),
  };
}

/** ISO 8601 without a zone: a cabinet tells the maker's local time and never says which. Null: no such day. */
export function fromDosTime(date: number, time: number): string | null {
  const [year, month, day] = [1980 + (date >>> 9), (date >>> 5) & 15, date & 31];
  const [hour, minute, second] = [time >>> 11, (time >>> 5) & 63, (time & 31) * 2];
  const text = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  const parsed = new Date(`${text}Z`);
  return Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(text) ? null : text;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

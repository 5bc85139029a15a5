import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { type ByteRange, readExactly } from '../byte-reader.js';
import { type PeHeaders, readPeHeaders } from './headers.js';

/** One row of the certificate table. */
export interface WinCertificate {
  /** 0x0200 for Authenticode. */
  readonly revision: number;
  /** 0x0002 is PKCS#7 SignedData. */
  readonly type: number;
  /** bCertificate, with the padding that dwLength counts in. */
  readonly bytes: Buffer;
}

export interface PeAuthenticode {
  /** What the digest covers, in order. */
  readonly ranges: readonly ByteRange[];
  /** Empty: not signed. */
  readonly certificates: readonly WinCertificate[];
  /** Bytes behind the certificate table: the digest does not cover them, so they make a signature worthless. */
  readonly trailingBytes: number;
}

const MAX_TABLE_BYTES = 64 << 20;

/**
 * What an Authenticode digest of a PE file covers: everything but CheckSum, the security directory's entry and the
 * certificate table, which must be the last thing in the file.
 * PermanentError `signature.malformed` (the table), `installer.malformed` (the headers, or no PE at all).
 */
export function peAuthenticodeRanges(source: ByteSource): PeAuthenticode {
  const headers = readPeHeaders(source);
  if (headers === null)
    throw new PermanentError('installer.malformed', 'not a PE file', { expected: 'MZ and PE' });
  const table = certificateTable(source, headers);
  const contentEnd = table?.start ?? source.sizeBytes;
  const { checksumOffset, securityEntryOffset } = headers;
  const ranges = [
    { start: 0, end: checksumOffset },
    ...(securityEntryOffset === null
      ? [{ start: checksumOffset + 4, end: contentEnd }]
      : [
          { start: checksumOffset + 4, end: securityEntryOffset },
          { start: securityEntryOffset + 8, end: contentEnd },
        ]),
  ];
  return {
    ranges,
    certificates: table === null ? [] : readCertificates(source, table),
    trailingBytes: table === null ? 0 : source.sizeBytes - table.end,
  };
}

function certificateTable(source: ByteSource, headers: PeHeaders): ByteRange | null {
  const { security, overlayOffset } = headers;
  if (security === null) return null;
  const end = security.address + security.sizeBytes;
  // In front of the sections' end it would cut content out of the digest.
  if (security.address < overlayOffset || end > source.sizeBytes || security.sizeBytes > MAX_TABLE_BYTES) {
    throw malformed(
      'the certificate table is not behind the sections',
      `between ${overlayOffset} and ${source.sizeBytes}`,
      `${security.address} to ${end}`,
    );
  }
  return { start: security.address, end };
}

/** WIN_CERTIFICATE rows, each on a multiple of 8. */
function readCertificates(source: ByteSource, table: ByteRange): WinCertificate[] {
  const bytes = readExactly(
    source,
    table.start,
    table.end - table.start,
    'signature.malformed',
    'the certificate table',
  );
  const certificates: WinCertificate[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < 8 || at + length > bytes.length) {
      throw malformed(
        'a row of the certificate table has a wrong length',
        `8 to ${bytes.length - at}`,
        `${length}`,
      );
    }
    certificates.push({
      revision: bytes.readUInt16LE(at + 4),
      type: bytes.readUInt16LE(at + 6),
      bytes: bytes.subarray(at + 8, at + length),
    });
    at += Math.ceil(length / 8) * 8;
  }
  if (certificates.length === 0)
    throw malformed('the certificate table is empty', '8 bytes or more', `${bytes.length}`);
  return certificates;
}

function malformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('signature.malformed', message, { expected, found });
}

import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { type ByteRange, readExactly } from '../byte-reader.js';
import { CAB, FLAG } from './structure.js';

/** The first words of a signed cabinet's reserve: u2 0 and u2 16. */
export const SIGNATURE_MARKER = 0x00100000;
/** Where the reserve is: marker, u4 offset, u4 size, 8 bytes zero. */
export const RESERVE_OFFSET = CAB.headerBytes + CAB.reserveSizesBytes;

export interface CabinetSignature {
  /** Where the PKCS#7 starts: cbCabinet. */
  readonly offset: number;
  /** With its zero padding to 8 bytes. */
  readonly sizeBytes: number;
}

export interface CabinetAuthenticode {
  /** What the digest covers, in order. */
  readonly ranges: readonly ByteRange[];
  /** Null: not signed yet (the reserve may be there, zero). */
  readonly signature: CabinetSignature | null;
  /** Bytes behind the signature, or behind an unsigned cabinet; the digest does not cover them. */
  readonly trailingBytes: number;
}

/**
 * What an Authenticode digest of a cabinet covers: [0,4) [8,34) [56,60) [60, cbCabinet). The fields between 34 and 56
 * are not covered, so they must have the one value that a signed cabinet has. The same ranges hold before signing (a
 * cabinet written with the reserve) and after.
 * Throws PermanentError `signature.malformed`, also for a cabinet without the 20-byte reserve.
 */
export function cabAuthenticodeRanges(source: ByteSource): CabinetAuthenticode {
  const head = readExactly(
    source,
    0,
    RESERVE_OFFSET + CAB.signatureReserveBytes,
    'signature.malformed',
    'the header',
  );
  if (head.toString('latin1', 0, 4) !== 'MSCF') throw malformed('not a cabinet', 'MSCF', 'something else');
  checkReserve(head);
  const cabinetBytes = head.readUInt32LE(8);
  if (cabinetBytes < head.length || cabinetBytes > source.sizeBytes) {
    throw malformed('the cabinet is cut off', `${cabinetBytes} bytes`, `${source.sizeBytes} bytes`);
  }
  const signature = readSignature(head, cabinetBytes);
  const end = signature === null ? cabinetBytes : signature.offset + signature.sizeBytes;
  if (end > source.sizeBytes) {
    throw malformed('the signature is cut off', `${end} bytes`, `${source.sizeBytes} bytes`);
  }
  return {
    ranges: [
      { start: 0, end: 4 },
      { start: 8, end: 34 },
      { start: 56, end: 60 },
      { start: 60, end: cabinetBytes },
    ],
    signature,
    trailingBytes: source.sizeBytes - end,
  };
}

/** Whether a cabinet of any maker has room for a signature; false: it is unsigned and cannot be signed in place. */
export function hasSignatureReserve(source: ByteSource): boolean {
  if (source.sizeBytes < RESERVE_OFFSET + CAB.signatureReserveBytes) return false;
  const head = source.read(0, RESERVE_OFFSET);
  return (head.readUInt16LE(30) & FLAG.reserve) !== 0 && head.readUInt16LE(36) === CAB.signatureReserveBytes;
}

function checkReserve(head: Buffer): void {
  if (head.readUInt16LE(30) !== FLAG.reserve) {
    throw malformed(
      'no room for a signature',
      'the reserve flag and no other',
      `flags ${head.readUInt16LE(30)}`,
    );
  }
  const sizes = [head.readUInt16LE(36), head.readUInt8(38), head.readUInt8(39)].join(' ');
  if (sizes !== `${CAB.signatureReserveBytes} 0 0`) {
    throw malformed(
      'a reserve that is not a signature',
      `sizes ${CAB.signatureReserveBytes} 0 0`,
      `sizes ${sizes}`,
    );
  }
  if (head.readUInt16LE(34) !== 0)
    throw malformed('a part of a set', 'cabinet 0', `${head.readUInt16LE(34)}`);
}

function readSignature(head: Buffer, cabinetBytes: number): CabinetSignature | null {
  const reserve = head.subarray(RESERVE_OFFSET);
  if (reserve.every((byte) => byte === 0)) return null;
  if (reserve.readUInt32LE(0) !== SIGNATURE_MARKER) {
    throw malformed('an unknown reserve', '0x00100000', `0x${reserve.readUInt32LE(0).toString(16)}`);
  }
  const offset = reserve.readUInt32LE(4);
  const sizeBytes = reserve.readUInt32LE(8);
  // Prepared by other tools: the marker is there, the signature is not.
  if (offset === 0 && sizeBytes === 0) return null;
  if (offset !== cabinetBytes) {
    throw malformed('the signature is not behind the cabinet', `offset ${cabinetBytes}`, `offset ${offset}`);
  }
  if (sizeBytes === 0) throw malformed('an empty signature', '1 byte or more', '0 bytes');
  return { offset, sizeBytes };
}

/** The 20 bytes at `RESERVE_OFFSET` of a signed cabinet. `sizeBytes` includes the padding. */
export function signedReserve(signature: CabinetSignature): Buffer {
  const reserve = Buffer.alloc(CAB.signatureReserveBytes);
  reserve.writeUInt32LE(SIGNATURE_MARKER, 0);
  reserve.writeUInt32LE(signature.offset, 4);
  reserve.writeUInt32LE(signature.sizeBytes, 8);
  return reserve;
}

function malformed(message: string, expected: string, found: string): PermanentError {
  return new PermanentError('signature.malformed', message, { expected, found });
}

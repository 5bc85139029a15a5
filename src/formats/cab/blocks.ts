import { PermanentError } from '../../core/errors.js';
import { packMsZipBlock } from './mszip.js';
import { blockChecksum, CAB } from './structure.js';

/** What the file table says of a member. */
export interface CabinetRow {
  readonly name: string;
  /** ISO 8601. */
  readonly modified: string;
  readonly sizeBytes: number;
}

/** A member whose size is known before its bytes are read: the tables stand in front of the data. */
export interface CabinetInput extends CabinetRow {
  /** Exactly `sizeBytes` bytes, in pieces of any size. */
  pieces(): Iterable<Uint8Array>;
}

/**
 * The blocks of one folder, CFDATA [MS-CAB] 2.6, header and data in turn: every block but the last is full, and blocks
 * ignore where a member ends. The history goes from block to block as FCI keeps it, and begins anew with the folder.
 */
export function* packBlocks(members: readonly CabinetInput[]): Generator<Buffer> {
  let history: Buffer = Buffer.alloc(0);
  for (const plain of fullBlocks(members)) {
    const packed = packMsZipBlock(plain, history);
    const head = Buffer.alloc(CAB.dataBytes);
    head.writeUInt32LE(blockChecksum(packed, plain.length), 0);
    head.writeUInt16LE(packed.length, 4);
    head.writeUInt16LE(plain.length, 6);
    yield head;
    yield packed;
    history = plain;
  }
}

function* fullBlocks(members: readonly CabinetInput[]): Generator<Buffer> {
  let block = Buffer.allocUnsafe(CAB.blockBytes);
  let filled = 0;
  for (const member of members) {
    let left = member.sizeBytes;
    for (const piece of member.pieces()) {
      left -= piece.length;
      if (left < 0) break;
      for (let taken = 0; taken < piece.length; ) {
        const part = piece.subarray(taken, taken + CAB.blockBytes - filled);
        block.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled === CAB.blockBytes) {
          yield block;
          block = Buffer.allocUnsafe(CAB.blockBytes);
          filled = 0;
        }
      }
    }
    if (left !== 0) throw changedMember(member, left);
  }
  if (filled > 0) yield block.subarray(0, filled);
}

function changedMember(member: CabinetInput, left: number): PermanentError {
  return new PermanentError('content.corrupt', 'a member has another size than it had before', {
    where: member.name,
    expected: `${member.sizeBytes} bytes`,
    found: left > 0 ? `${member.sizeBytes - left} bytes` : 'more',
    nextStep: 'something changes the file while it is packed: find out what',
  });
}

import type { ByteSource } from '../../core/bytes.js';
import { readExactly } from '../byte-reader.js';
import { type CabinetFolder, type CabinetHeader, malformed } from './header.js';
import { LzxDecoder } from './lzx/decoder.js';
import { unpackMsZipBlock } from './mszip.js';
import { blockChecksum, CAB } from './structure.js';

/** Counts what was decoded of the whole cabinet: overlapping or backward members cannot cost without end. */
export interface DecodeBudget {
  leftBytes: number;
}

const EMPTY = Buffer.alloc(0);

/**
 * The plain text of one folder, read forward. A read behind the current block starts the folder again; members in
 * stored order cost one pass.
 */
export class FolderReader {
  private position = 0;
  private nextIndex = 0;
  private block: Buffer = EMPTY;
  private blockStart = 0;
  /** Of LZX, which keeps more than the block before. */
  private lzx: LzxDecoder | null = null;

  constructor(
    private readonly source: ByteSource,
    private readonly header: CabinetHeader,
    private readonly folder: CabinetFolder,
    private readonly budget: DecodeBudget,
  ) {
    this.restart();
  }

  read(offset: number, length: number): Buffer {
    return Buffer.concat([...this.pieces(offset, length)]);
  }

  /** The same, a block's part at a time. */
  *pieces(offset: number, length: number): Generator<Buffer> {
    if (offset < this.blockStart) this.restart();
    for (let at = offset; at < offset + length; ) {
      while (at >= this.blockStart + this.block.length) this.advance();
      const from = at - this.blockStart;
      const part = this.block.subarray(from, from + offset + length - at);
      yield part;
      at += part.length;
    }
  }

  private restart(): void {
    this.position = this.folder.firstBlock;
    this.nextIndex = 0;
    this.block = EMPTY;
    this.blockStart = 0;
    this.lzx = this.folder.compression === 'lzx' ? new LzxDecoder(this.folder.windowBits) : null;
    if (this.folder.blocks > 0 && this.position < this.header.tablesEnd) {
      throw malformed('data overlaps the tables', `${this.header.tablesEnd} or more`, `${this.position}`);
    }
  }

  /** Decodes the next CFDATA [MS-CAB] 2.6; the block before it is its history. */
  private advance(): void {
    if (this.nextIndex >= this.folder.blocks) {
      throw malformed(
        'a folder ends too early',
        `${this.folder.blocks} blocks`,
        'less data than its files need',
      );
    }
    const head = this.take(CAB.dataBytes + this.header.blockReserveBytes, 'a data block');
    const checksum = head.readUInt32LE(0);
    const plainBytes = head.readUInt16LE(6);
    const last = this.nextIndex === this.folder.blocks - 1;
    if (plainBytes === 0 || plainBytes > CAB.blockBytes || (!last && plainBytes !== CAB.blockBytes)) {
      throw malformed(
        'a block has a wrong size',
        `${CAB.blockBytes} bytes, the last one less`,
        `${plainBytes}`,
      );
    }
    const data = this.take(head.readUInt16LE(4), 'the data of a block');
    // Zero means "not checked" [MS-CAB] 2.6.
    const found = checksum === 0 ? 0 : blockChecksum(data, plainBytes, head.subarray(CAB.dataBytes));
    if (found !== checksum) throw malformed('a block has a wrong checksum', hex(checksum), hex(found));
    this.budget.leftBytes -= plainBytes;
    if (this.budget.leftBytes < 0) {
      throw malformed('decoding costs too much', 'less data than the limit', 'more');
    }
    const plain = this.decode(data, plainBytes);
    this.blockStart += this.block.length;
    this.block = plain;
    this.nextIndex += 1;
  }

  private decode(data: Buffer, plainBytes: number): Buffer {
    if (this.folder.compression === 'mszip') return unpackMsZipBlock(data, this.block, plainBytes);
    if (this.lzx !== null) return this.lzx.unpack(data, plainBytes);
    if (data.length !== plainBytes) {
      throw malformed('a stored block has two sizes', `${plainBytes} bytes`, `${data.length}`);
    }
    return data;
  }

  private take(length: number, what: string): Buffer {
    if (this.position + length > this.header.sizeBytes) {
      throw malformed(
        `${what} passes the end`,
        `at most ${this.header.sizeBytes}`,
        `${this.position + length}`,
      );
    }
    const bytes = readExactly(this.source, this.position, length, 'cabinet.malformed', what);
    this.position += length;
    return bytes;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

import type { ByteSource } from '../../core/bytes.js';

export interface NsisHeader {
  /** Where the first header stands in the file. */
  readonly offset: number;
  readonly isUninstaller: boolean;
  /** SilentInstall was set: it never shows itself. */
  readonly isSilent: boolean;
  /** NSIS 2 or 3 (`NullsoftInst`), or 1 (`NullSoftInst`). */
  readonly generation: 'current' | 'old';
  readonly headerBytes: number;
  /** Everything from the first header on, as the installer's own check counts it. */
  readonly followingBytes: number;
}

const MARKS = [
  {
    generation: 'current',
    bytes: Buffer.concat([Buffer.from('efbeadde', 'hex'), Buffer.from('NullsoftInst')]),
  },
  { generation: 'old', bytes: Buffer.concat([Buffer.from('edbeadde', 'hex'), Buffer.from('NullSoftInst')]) },
] as const;
const FLAG = { uninstall: 1, silent: 2 } as const;
const STEP_BYTES = 512;
/** Some builds put other data in front; the exehead looks at every 512th byte, and so do we, up to here. */
const MAX_SCAN_BYTES = 16 << 20;
const PIECE_BYTES = 1 << 20;

/** Finds the first header of an NSIS installer behind the PE sections, or null. */
export function findNsisHeader(source: ByteSource, overlayOffset: number): NsisHeader | null {
  const start = overlayOffset - (overlayOffset % STEP_BYTES);
  const end = Math.min(source.sizeBytes, start + MAX_SCAN_BYTES);
  for (let position = start; position < end; position += PIECE_BYTES) {
    const piece = source.read(position, Math.min(PIECE_BYTES, end - position));
    for (let at = 0; at + 28 <= piece.length; at += STEP_BYTES) {
      const mark = MARKS.find(({ bytes }) => piece.subarray(at + 4, at + 20).equals(bytes));
      if (mark !== undefined) return readHeader(piece.subarray(at, at + 28), position + at, mark.generation);
    }
  }
  return null;
}

/** u4 flags, 16 bytes mark, u4 header length, u4 length of all that follows. */
function readHeader(bytes: Buffer, offset: number, generation: NsisHeader['generation']): NsisHeader {
  const flags = bytes.readUInt32LE(0);
  return {
    offset,
    isUninstaller: (flags & FLAG.uninstall) !== 0,
    isSilent: (flags & FLAG.silent) !== 0,
    generation,
    headerBytes: bytes.readUInt32LE(20),
    followingBytes: bytes.readUInt32LE(24),
  };
}

import { crc32 } from 'node:zlib';
import { bufferSource } from '../../core/bytes.js';
import { readBlock } from '../../formats/inno/block.js';
import type { VendorIdentity } from './authenticode.js';
import { signExecutable, withVersionResource } from './executable.js';
import type { InstallerFacts } from './installer-facts.js';

/** SetupLdrOffsetTableID, and the places of its numbers in version 1 (Inno Setup, Shared.Struct). */
const TABLE_MARK = Buffer.from('72446c507453cde6d77b0b2a', 'hex');
const TABLE = { totalSize: 16, offsetOfExe: 20, offset0: 32, offset1: 36, check: 40 } as const;
const SETUP_ID_BYTES = 64;
const BLOCK_HEAD_BYTES = 9;
const PIECE_BYTES = 4096;
/** The texts of TSetupHeader by their places, in 5.5 and 5.6 (Inno Setup, Shared.Struct). */
const TEXT = {
  appName: 0,
  appVerName: 1,
  appId: 2,
  appPublisher: 4,
  appVersion: 9,
  uninstallDisplayName: 14,
} as const;

/** An installer of Inno Setup, made from a built one of the same architecture: its header says what it installs. */
export function makeInno(built: Buffer, facts: InstallerFacts, vendor: VendorIdentity): Buffer {
  const { productName, publisher, version } = facts;
  const reworded = withVersionResource(built, {
    productName,
    publisher,
    version,
    description: `${productName} Setup`,
  });
  const bytes = withHeader(reworded.bytes, reworded.movedBytes, textsOf(facts));
  return signExecutable(bytes, vendor);
}

function textsOf({
  productName,
  publisher,
  version,
  displayName,
  key,
}: InstallerFacts): ReadonlyMap<number, string> {
  // A brace begins a constant; two are one.
  const plain = (text: string) => text.replaceAll('{', '{{');
  return new Map([
    [TEXT.appName, plain(productName)],
    [TEXT.appVerName, plain(`${productName} ${version}`)],
    [TEXT.appId, plain((key ?? '').replace(/_is1$/i, ''))],
    [TEXT.appPublisher, plain(publisher)],
    [TEXT.appVersion, version],
    [TEXT.uninstallDisplayName, plain(displayName)],
  ]);
}

/** The first block of `setup.0` anew, stored; all offsets behind it move, and `movedBytes` those of everything. */
function withHeader(program: Buffer, movedBytes: number, texts: ReadonlyMap<number, string>): Buffer {
  const table = program.indexOf(TABLE_MARK);
  const setup0 = program.readUInt32LE(table + TABLE.offset0) + movedBytes;
  const blockAt = setup0 + SETUP_ID_BYTES;
  const header = readBlock(bufferSource(program), blockAt);
  if (table < 0 || header === null) throw new Error('not an installer of Inno Setup');
  const before = BLOCK_HEAD_BYTES + program.readUInt32LE(blockAt + 4);
  const block = storedBlock(withTexts(header, texts));
  const grown = block.length - before;
  const bytes = Buffer.concat([program.subarray(0, blockAt), block, program.subarray(blockAt + before)]);
  const move = (place: number, by: number) =>
    bytes.writeUInt32LE(bytes.readUInt32LE(table + place) + by, table + place);
  move(TABLE.totalSize, movedBytes + grown);
  move(TABLE.offsetOfExe, movedBytes + grown);
  move(TABLE.offset0, movedBytes);
  move(TABLE.offset1, movedBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(table, table + TABLE.check)), table + TABLE.check);
  return bytes;
}

/** Each text stands behind its length in bytes, in UTF-16. */
function withTexts(header: Buffer, texts: ReadonlyMap<number, string>): Buffer {
  const last = Math.max(...texts.keys());
  const pieces: Buffer[] = [];
  let at = 0;
  for (let place = 0; place <= last; place += 1) {
    const end = at + 4 + header.readUInt32LE(at);
    const text = texts.get(place);
    pieces.push(text === undefined ? header.subarray(at, end) : lengthAndText(text));
    at = end;
  }
  return Buffer.concat([...pieces, header.subarray(at)]);
}

function lengthAndText(text: string): Buffer {
  const content = Buffer.from(text, 'utf16le');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(content.length);
  return Buffer.concat([bytes, content]);
}

/** u4 CRC-32 of the next five bytes, u4 length, u1 0 for stored; then pieces, each behind its CRC-32. */
function storedBlock(content: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const piece = content.subarray(at, at + PIECE_BYTES);
    const check = Buffer.alloc(4);
    check.writeUInt32LE(crc32(piece));
    pieces.push(check, piece);
  }
  const stored = Buffer.concat(pieces);
  const head = Buffer.alloc(BLOCK_HEAD_BYTES);
  head.writeUInt32LE(stored.length, 4);
  head.writeUInt32LE(crc32(head.subarray(4)), 0);
  return Buffer.concat([head, stored]);
}

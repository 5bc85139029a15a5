import { createHash } from 'node:crypto';
import type { CatalogDocument } from '../../core/catalog-plan.js';
import { packBlocks } from '../../formats/cab/index.js';
import { groupInRoot, packageInRoot } from './root-xml.js';

/** What a group of documents gives to every catalog that has it. Blocks are CFDATA as they stand in a cabinet. */
export interface CatalogPart {
  /** Of the documents, in order. */
  readonly sizes: readonly number[];
  /** Its piece of the root XML, unpacked. */
  readonly rootBytes: number;
  readonly rootBlocks: Buffer;
  /** The documents, as a folder of their own. */
  readonly blocks: Buffer;
}

/** Raised when what a part holds is made in another way. */
const FORM = 1;

/** Equal documents and an equal deflate give equal parts, so a part is known by both. */
export function partKeyOf(documents: readonly CatalogDocument[]): string {
  const hash = createHash('sha256').update(`catalog part ${FORM}, zlib ${process.versions.zlib}\n`);
  for (const { sha256 } of documents) hash.update(`${sha256}\n`);
  return hash.digest('hex');
}

/** `contents` are the bytes of the documents, in order. */
export function makePart(documents: readonly CatalogDocument[], contents: readonly Buffer[]): CatalogPart {
  const root = rootPieceOf(documents, contents);
  return {
    sizes: contents.map(({ length }) => length),
    rootBytes: root.length,
    rootBlocks: packed([root]),
    blocks: packed(contents),
  };
}

export function rootPieceOf(documents: readonly CatalogDocument[], contents: readonly Buffer[]): Buffer {
  return groupInRoot(contents.map((sdp, index) => packageInRoot(sdp, documents[index]?.name ?? '')));
}

/** Blocks know neither names nor where one content ends. */
export function packed(contents: readonly Buffer[]): Buffer {
  const sizeBytes = contents.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([...packBlocks([{ name: '', modified: '', sizeBytes, pieces: () => contents }])]);
}

const DIGEST_BYTES = 32;

/** Root blocks, blocks, u4 per size, then u4 number of sizes, root bytes, bytes of root blocks; SHA-256 of all that. */
export function encodePart({ sizes, rootBytes, rootBlocks, blocks }: CatalogPart): Buffer {
  const numbers = Buffer.alloc((sizes.length + TRAILER.length) * 4);
  [...sizes, sizes.length, rootBytes, rootBlocks.length].forEach((value, index) => {
    numbers.writeUInt32LE(value, index * 4);
  });
  const digest = createHash('sha256').update(rootBlocks).update(blocks).update(numbers).digest();
  return Buffer.concat([rootBlocks, blocks, numbers, digest]);
}

const TRAILER = ['number of sizes', 'root bytes', 'bytes of root blocks'] as const;

/** Null: it is not whole, and is made again. */
export function decodePart(bytes: Buffer): CatalogPart | null {
  const end = bytes.length - DIGEST_BYTES;
  const trailerAt = end - TRAILER.length * 4;
  if (trailerAt < 0) return null;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end))) return null;
  const count = bytes.readUInt32LE(trailerAt);
  const rootEnd = bytes.readUInt32LE(trailerAt + 8);
  const blocksEnd = trailerAt - count * 4;
  return {
    sizes: Array.from({ length: count }, (_, index) => bytes.readUInt32LE(blocksEnd + index * 4)),
    rootBytes: bytes.readUInt32LE(trailerAt + 4),
    rootBlocks: bytes.subarray(0, rootEnd),
    blocks: bytes.subarray(rootEnd, blocksEnd),
  };
}

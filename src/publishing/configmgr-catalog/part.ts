import { createHash } from 'node:crypto';
import type { CatalogDocument } from '../../core/catalog-plan.js';
import { packBlocks } from '../../formats/cab/index.js';
import { packageInRoot } from './root-xml.js';

/** What a group of documents gives to every catalog that has it: its piece of the root XML, and its folder, packed. */
export interface CatalogPart {
  /** Of the documents, in order. */
  readonly sizes: readonly number[];
  readonly rootXml: Buffer;
  /** CFDATA, as they stand in a cabinet. */
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

/** `read` gives a document's bytes, its digest checked. */
export function makePart(
  documents: readonly CatalogDocument[],
  read: (document: CatalogDocument) => Buffer,
): CatalogPart {
  const contents = documents.map(read);
  return {
    sizes: contents.map(({ length }) => length),
    rootXml: Buffer.from(
      documents.map(({ name }, index) => packageInRoot(contents[index] ?? EMPTY, name)).join(''),
      'utf8',
    ),
    blocks: Buffer.concat([
      ...packBlocks(
        documents.map(({ name, modified }, index) => {
          const content = contents[index] ?? EMPTY;
          return { name, modified, sizeBytes: content.length, pieces: () => [content] };
        }),
      ),
    ]),
  };
}

const EMPTY = Buffer.alloc(0);
const DIGEST_BYTES = 32;

/** u4 number of documents, u4 bytes of root XML, u4 per size, root XML, blocks, SHA-256 of all that. */
export function encodePart({ sizes, rootXml, blocks }: CatalogPart): Buffer {
  const head = Buffer.alloc(rootAt(sizes.length));
  [sizes.length, rootXml.length, ...sizes].forEach((value, index) => {
    head.writeUInt32LE(value, index * 4);
  });
  const digest = createHash('sha256').update(head).update(rootXml).update(blocks).digest();
  return Buffer.concat([head, rootXml, blocks, digest]);
}

/** Null: it is not whole, and is made again. */
export function decodePart(bytes: Buffer): CatalogPart | null {
  const end = bytes.length - DIGEST_BYTES;
  if (end < rootAt(0)) return null;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end))) return null;
  const documents = bytes.readUInt32LE(0);
  const rootEnd = rootAt(documents) + bytes.readUInt32LE(4);
  return {
    sizes: Array.from({ length: documents }, (_, index) => bytes.readUInt32LE(8 + index * 4)),
    rootXml: bytes.subarray(rootAt(documents), rootEnd),
    blocks: bytes.subarray(rootEnd, end),
  };
}

function rootAt(documents: number): number {
  return 8 + documents * 4;
}

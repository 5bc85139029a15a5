import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CatalogDocument, CatalogPlan, WrittenCatalog } from '../../core/catalog-plan.js';
import { PermanentError } from '../../core/errors.js';
import {
  type CabinetFolderInput,
  type CabinetInput,
  memberInput,
  writeCabinetFolders,
} from '../../formats/cab/index.js';
import { makePart, partKeyOf } from './part.js';
import { openPartFolder, type PartFolder } from './part-folder.js';
import { ROOT_XML } from './root-xml.js';

/** A group whose part is in the folder. */
interface ReadyGroup {
  readonly key: string;
  readonly documents: readonly (CatalogDocument & { readonly sizeBytes: number })[];
  readonly rootBytes: number;
  readonly blocks: Buffer;
  readonly wasThere: boolean;
}

/**
 * Writes the cabinet of a plan, synchronously: call it from a thread. Groups that stand in `partsDir` as they are wanted
 * are not packed again; the result is the same to the byte. One part of the root XML is in memory at a time.
 * PermanentError `content.missing`, `content.corrupt` (a document), `cabinet.limit`; RetryableError `storage.full`.
 */
export function writeCatalog(
  plan: CatalogPlan,
  { outPath, partsDir }: { readonly outPath: string; readonly partsDir: string },
): WrittenCatalog {
  const parts = openPartFolder(partsDir);
  const groups = plan.groups.map((documents) => readyGroup(parts, documents));
  const rootHash = createHash('sha256');
  const root = rootMember(plan, parts, groups, (piece) => rootHash.update(piece));
  const { sizeBytes } = writeCabinetFolders(foldersOf(plan, root, groups), outPath, {
    signatureReserve: true,
  });
  parts.keepOnly(new Set(groups.map(({ key }) => key)));
  const reused = groups.filter(({ wasThere }) => wasThere).length;
  return { sizeBytes, rootSha256: rootHash.digest('hex'), packed: groups.length - reused, reused };
}

function readyGroup(parts: PartFolder, documents: readonly CatalogDocument[]): ReadyGroup {
  const key = partKeyOf(documents);
  const known = parts.find(key);
  const part = known ?? makePart(documents, readDocument);
  if (known === null) parts.put(key, part);
  return {
    key,
    documents: documents.map((one, index) => ({ ...one, sizeBytes: part.sizes[index] ?? 0 })),
    rootBytes: part.rootXml.length,
    // Copied: a view would keep the root XML beside it in memory.
    blocks: Buffer.from(part.blocks),
    wasThere: known !== null,
  };
}

function rootMember(
  plan: CatalogPlan,
  parts: PartFolder,
  groups: readonly ReadyGroup[],
  onPiece: (piece: Buffer) => void,
): CabinetInput {
  const { head, tail } = ROOT_XML;
  return {
    ...plan.root,
    sizeBytes: groups.reduce((sum, { rootBytes }) => sum + rootBytes, head.length + tail.length),
    *pieces() {
      for (const piece of rootPieces(parts, groups)) {
        onPiece(piece);
        yield piece;
      }
    },
  };
}

function* rootPieces(parts: PartFolder, groups: readonly ReadyGroup[]): Generator<Buffer> {
  yield ROOT_XML.head;
  for (const { key, documents } of groups) {
    yield (parts.find(key) ?? makePart(documents, readDocument)).rootXml;
  }
  yield ROOT_XML.tail;
}

/** As real catalogs order their members (configmgr-catalog 1.1). What changes with every update stands apart. */
function foldersOf(
  plan: CatalogPlan,
  root: CabinetInput,
  groups: readonly ReadyGroup[],
): readonly CabinetFolderInput[] {
  const certificates = plan.certificates.map(memberInput);
  const lists = plan.lists.map(memberInput);
  if (plan.folders === 'one') {
    const documents = groups.flatMap((group) => group.documents.map(documentInput));
    return [{ members: [root, ...certificates, ...documents, ...lists] }];
  }
  return [
    { members: [root] },
    { members: certificates },
    ...groups.map(({ documents, blocks }) => ({ members: documents, packed: () => [blocks] })),
    { members: lists },
  ].filter(({ members }) => members.length > 0);
}

function documentInput(document: ReadyGroup['documents'][number]): CabinetInput {
  return { ...document, pieces: () => [readDocument(document)] };
}

function readDocument({ name, path, sha256 }: CatalogDocument): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new PermanentError('content.missing', 'a document of the catalog cannot be read', {
      where: `${name}, ${path}`,
      cause,
    });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new PermanentError('content.corrupt', 'a document of the catalog has other bytes than it had', {
    where: `${name}, ${path}`,
    expected: sha256,
    found,
  });
}

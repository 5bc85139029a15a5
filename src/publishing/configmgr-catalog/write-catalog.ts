import type { CatalogDocument, CatalogPlan, WrittenCatalog } from '../../core/catalog-plan.js';
import {
  type CabinetFolderInput,
  type CabinetInput,
  memberInput,
  writeCabinetFolders,
} from '../../formats/cab/index.js';
import { readDocument } from './documents.js';
import { type CatalogPart, makePart, packed, partKeyOf, rootPieceOf } from './part.js';
import { openPartFolder, type PartFolder } from './part-folder.js';
import { ROOT_XML } from './root-xml.js';

/**
 * Writes the cabinet of a plan, synchronously: call it from a thread. Groups that stand in `partsDir` as they are wanted
 * are not packed again; the result is the same to the byte. What is in memory is packed.
 * PermanentError `content.missing`, `content.corrupt` (a document), `cabinet.limit`; RetryableError `storage.full`.
 */
export function writeCatalog(
  plan: CatalogPlan,
  { outPath, partsDir }: { readonly outPath: string; readonly partsDir: string },
): WrittenCatalog {
  if (plan.folders === 'one') {
    const { sizeBytes } = writeCabinetFolders([oneFolder(plan)], outPath, { signatureReserve: true });
    return { sizeBytes, packed: plan.groups.length, reused: 0 };
  }
  const parts = openPartFolder(partsDir);
  const groups = plan.groups.map((documents) => readyGroup(parts, documents));
  const { sizeBytes } = writeCabinetFolders(manyFolders(plan, groups), outPath, { signatureReserve: true });
  parts.keepOnly(new Set(groups.map(({ key }) => key)));
  const reused = groups.filter(({ wasThere }) => wasThere).length;
  return { sizeBytes, packed: groups.length - reused, reused };
}

interface ReadyGroup {
  readonly key: string;
  readonly documents: readonly CatalogDocument[];
  readonly part: CatalogPart;
  readonly wasThere: boolean;
}

function readyGroup(parts: PartFolder, documents: readonly CatalogDocument[]): ReadyGroup {
  const key = partKeyOf(documents);
  const known = parts.find(key);
  const part = known ?? makePart(documents, documents.map(readDocument));
  if (known === null) parts.put(key, part);
  return { key, documents, part, wasThere: known !== null };
}

/** Members in the order of real catalogs (configmgr-catalog 1.1). What changes with every update stands apart. */
function manyFolders(plan: CatalogPlan, groups: readonly ReadyGroup[]): readonly CabinetFolderInput[] {
  const { head, tail } = ROOT_XML;
  const rootBytes = groups.reduce((sum, { part }) => sum + part.rootBytes, head.length + tail.length);
  return [
    {
      members: [{ ...plan.root, sizeBytes: rootBytes }],
      packed: () => [packed([head]), ...groups.map(({ part }) => part.rootBlocks), packed([tail])],
    },
    { members: plan.certificates.map(memberInput) },
    ...groups.map(({ documents, part }) => ({
      members: documents.map((one, index) => ({ ...one, sizeBytes: part.sizes[index] ?? 0 })),
      packed: () => [part.blocks],
    })),
    { members: plan.lists.map(memberInput) },
  ].filter(({ members }) => members.length > 0);
}

/** The same members packed together: nothing of it can be kept for the next time. */
function oneFolder(plan: CatalogPlan): CabinetFolderInput {
  return {
    members: [
      rootMember(plan),
      ...plan.certificates.map(memberInput),
      ...plan.groups.flat().map((document) => ({
        ...memberInput({ ...document, content: { path: document.path } }),
        pieces: () => [readDocument(document)],
      })),
      ...plan.lists.map(memberInput),
    ],
  };
}

/** Made twice, to know its size and to pack it: it is never in memory whole. */
function rootMember(plan: CatalogPlan): CabinetInput {
  function* pieces(): Generator<Buffer> {
    yield ROOT_XML.head;
    for (const documents of plan.groups) yield rootPieceOf(documents, documents.map(readDocument));
    yield ROOT_XML.tail;
  }
  let sizeBytes = 0;
  for (const piece of pieces()) sizeBytes += piece.length;
  return { ...plan.root, sizeBytes, pieces };
}

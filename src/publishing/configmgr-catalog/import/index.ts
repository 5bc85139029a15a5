import { createHash } from 'node:crypto';
import { PermanentError } from '../../../core/errors.js';
import type { ImportedPackage, PackageEdits } from '../../../core/imported.js';
import type { Clock, ContentStore, Ledger } from '../../../core/ports.js';
import { editDocument } from '../../../sus/sdp/edit.js';
import { validateDocument } from '../../../sus/sdp/index.js';
import { parseXml, writeXml } from '../../../text/xml/index.js';
import type { CatalogItem } from '../build.js';
import { type ImportPlan, planImport } from './plan.js';
import type { ForeignCatalog } from './read.js';

export { type ImportPlan, planImport } from './plan.js';
export { type ForeignCatalog, readForeignCatalog, readForeignDocuments, type SetAside } from './read.js';

interface Deps {
  readonly ledger: Ledger;
  readonly content: ContentStore;
  readonly clock: Clock;
}

/** What importing it now would change. */
export async function previewImport(
  { ledger, clock }: Deps,
  source: string,
  catalog: ForeignCatalog,
): Promise<ImportPlan> {
  const known = new Map((await ledger.importedPackages()).map((one) => [one.packageId, one]));
  const own = new Set((await ledger.updates()).map(({ packageId }) => packageId));
  const edits = new Map((await ledger.packageEdits()).map((one) => [one.packageId, one]));
  const plan = planImport(source, catalog, { known, own, edits }, clock.now());
  return { ...plan, setAside: [...catalog.setAside, ...plan.setAside] };
}

/** Documents first, then all records in one transaction: after a kill the import is whole or has not begun. */
export async function importCatalog(
  deps: Deps,
  source: string,
  catalog: ForeignCatalog,
  fileSha256: string | null,
): Promise<ImportPlan> {
  const plan = await previewImport(deps, source, catalog);
  for (const bytes of plan.documents.values()) await deps.content.putBuffer(bytes);
  for (const { der } of catalog.certificates) await deps.content.putBuffer(der);
  const certificates = catalog.certificates.map(({ thumbprint, der }) => ({
    thumbprint,
    sha256: createHash('sha256').update(der).digest('hex'),
  }));
  await deps.ledger.transaction(async (tx) => {
    await tx.putImportedPackages([...plan.added, ...plan.revised, ...plan.withdrawn]);
    await tx.putImportedCatalog({
      source,
      fileSha256,
      certificates,
      importedAt: deps.clock.now().toISOString(),
    });
  });
  return plan;
}

/** The packages of a source as a catalog carries them, with the edits in them; hidden and withdrawn ones are left out. */
export async function itemsOfImported(
  deps: Pick<Deps, 'ledger' | 'content'>,
  source: string,
): Promise<readonly CatalogItem[]> {
  const edits = new Map((await deps.ledger.packageEdits()).map((one) => [one.packageId, one]));
  const packages = await deps.ledger.importedPackages(source);
  const wanted = packages.filter(
    ({ state, packageId }) => state === 'present' && edits.get(packageId)?.hidden !== true,
  );
  const items: CatalogItem[] = [];
  for (const one of wanted) items.push(await itemOf(deps.content, one, edits.get(one.packageId)));
  return items;
}

async function itemOf(
  content: ContentStore,
  one: ImportedPackage,
  edits: PackageEdits | undefined,
): Promise<CatalogItem> {
  const { packageId } = one;
  const product = edits?.product ?? one.product;
  const shared = {
    update: { packageId, productId: product, productName: product },
    vendor: edits?.vendor ?? one.vendor,
    contentCertificate: null,
  };
  if (edits === undefined || !changesDocument(edits)) {
    return { ...shared, revision: { creationDate: one.creationDate, sdpSha256: one.sdpSha256 } };
  }
  const { bytes, creationDate } = editedDocument(await content.get(one.sdpSha256), packageId, edits);
  const { sha256 } = await content.putBuffer(bytes);
  return { ...shared, revision: { creationDate, sdpSha256: sha256 } };
}

function changesDocument({ packageId: _, editedAt: __, hidden: ___, ...rest }: PackageEdits): boolean {
  return Object.keys(rest).length > 0;
}

/**
 * The document with the edits in it. PermanentError `package.invalid` where they break the schema, as far as the
 * vendor's own document does not.
 */
export function editedDocument(
  bytes: Buffer,
  where: string,
  edits: PackageEdits,
): { readonly bytes: Buffer; readonly creationDate: string } {
  const root = parseXml(bytes, { where });
  const edited = Buffer.from(writeXml(editDocument(root, edits)), 'utf8');
  const rules = new Set(faultsOf(bytes, where).map(({ path, rule }) => `${path} ${rule}`));
  const broken = faultsOf(edited, where).find(({ path, rule }) => !rules.has(`${path} ${rule}`));
  if (broken !== undefined) {
    throw new PermanentError('package.invalid', 'the edit breaks the schema of update documents', {
      where: `${where}, ${broken.path}`,
      expected: broken.expected,
      found: broken.found,
      nextStep: 'correct or clear it: patchpress catalog edit',
    });
  }
  const creationDate = /CreationDate="([^"]+)"/.exec(edited.toString('utf8'))?.[1] ?? '';
  return { bytes: edited, creationDate };
}

function faultsOf(bytes: Buffer, where: string) {
  return validateDocument(bytes, where).findings.filter(({ level }) => level === 'schema');
}

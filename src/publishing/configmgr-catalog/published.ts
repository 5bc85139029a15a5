import type { ContentStore, LedgerReader } from '../../core/ports.js';
import type { CatalogRevisionRecord } from '../../core/records.js';
import { TARGET } from '../jobs.js';
import { createDirectContent } from '../software-update-point/published.js';
import type { CatalogServerOptions } from './server.js';

type Published = Required<Pick<CatalogServerOptions, 'currentCatalog' | 'catalogRevision' | 'contentPath'>>;

/** What the server may hand out, as the ledger says: the cabinets of all revisions, and the files that the latest names. */
export function createPublished(deps: {
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
}): Published {
  let known: { readonly number: number; readonly files: ReadonlySet<string> } = {
    number: 0,
    files: new Set(),
  };
  const directPath = createDirectContent(deps);
  const served = async (revision: CatalogRevisionRecord | null) => {
    if (revision === null) return null;
    const { cabSha256: sha256, createdAt } = revision;
    return { path: await deps.content.wholePath(sha256), sha256, modifiedAt: createdAt };
  };
  return {
    async currentCatalog() {
      return served(await deps.ledger.latestCatalogRevision(TARGET));
    },
    async catalogRevision(number) {
      return served(await deps.ledger.catalogRevision(TARGET, number));
    },
    async contentPath(sha256, fileName) {
      const latest = await deps.ledger.latestCatalogRevision(TARGET);
      if (latest !== null && known.number !== latest.number) {
        const files = (await filesIn(deps.ledger, latest)).map(nameOf);
        known = { number: latest.number, files: new Set(files) };
      }
      const isInCatalog = known.files.has(nameOf({ sha256, fileName }));
      return isInCatalog ? deps.content.wholePath(sha256) : directPath(sha256, fileName);
    },
  };
}

const nameOf = ({ sha256, fileName }: Omit<CatalogFile, 'sizeBytes'>): string => `${sha256}/${fileName}`;

export interface CatalogFile {
  readonly sha256: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** What the updates of a catalog have their content from. */
export async function filesIn(
  ledger: LedgerReader,
  { members }: Pick<CatalogRevisionRecord, 'members'>,
): Promise<readonly CatalogFile[]> {
  const files: CatalogFile[] = [];
  for (const { packageId } of members) {
    const update = await ledger.update(packageId);
    if (update === null) continue;
    const installer = await ledger.installer(update.productId, update.version, update.variant);
    if (installer !== null) files.push(installer);
  }
  return files;
}

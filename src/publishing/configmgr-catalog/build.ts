import type { CatalogDocument, CatalogFolders, CatalogPlan } from '../../core/catalog-plan.js';
import type { CabinetMember } from '../../core/ports.js';
import { checkCounts } from '../../formats/cab/index.js';
import { categoriesOf } from './categories.js';

export interface CatalogOptions {
  readonly siteId: string;
  /** The base name of the cabinet, and of the XML in it. */
  readonly catalog: { readonly name: string };
  /** Default `many`. */
  readonly catalogFolders?: CatalogFolders;
}

/** What a catalog says of one update, and where its document is. */
export interface CatalogItem {
  readonly update: {
    readonly packageId: string;
    readonly productId: string;
    readonly productName: string;
  };
  readonly revision: { readonly creationDate: string; readonly sdpSha256: string };
  readonly vendor: string;
  /** Who signed the vendor's file (configmgr-catalog 1.6); null: not known. */
  readonly contentCertificate: { readonly thumbprint: string; readonly der: Buffer } | null;
}

/**
 * A v3 catalog that v2 and v1 readers take as well (configmgr-catalog 1.1). Names, order and times come from the updates
 * alone: the same updates give the same bytes. PermanentError `cabinet.limit` for more than a cabinet can hold.
 */
export function planCatalog(
  items: readonly CatalogItem[],
  options: CatalogOptions,
  pathOf: (sdpSha256: string) => string,
): CatalogPlan {
  const sorted = [...items].sort((a, b) => (a.update.packageId < b.update.packageId ? -1 : 1));
  const modified = sorted.reduce((latest, { revision }) => maxText(latest, revision.creationDate), '');
  const categories = categoriesOf(options.siteId, sorted);
  const list = (name: string, value: unknown): CabinetMember => ({
    name,
    modified,
    content: { bytes: Buffer.from(JSON.stringify(value), 'utf8') },
  });
  const plan: CatalogPlan = {
    root: { name: `${options.catalog.name}.xml`, modified },
    certificates: certificates(sorted, modified),
    groups: groupsOf(sorted.map((item) => documentOf(item, pathOf))),
    lists: [
      list('V2\\update_manifest.json', manifest(sorted)),
      ...categories.map((category) => list(`V3\\${category.Id}.json`, category)),
      list(
        'V3\\update_categories.json',
        categories.map(({ Id }) => Id),
      ),
    ],
    folders: options.catalogFolders ?? 'many',
  };
  checkCounts({
    members: 1 + plan.certificates.length + sorted.length + plan.lists.length,
    folders: plan.folders === 'one' ? 1 : plan.groups.length + 3,
  });
  return plan;
}

function documentOf({ update, revision }: CatalogItem, pathOf: (sha256: string) => string): CatalogDocument {
  return {
    name: `${DOCUMENTS}${update.packageId}.sdp`,
    modified: revision.creationDate,
    sha256: revision.sdpSha256,
    path: pathOf(revision.sdpSha256),
  };
}

const DOCUMENTS = 'V2\\';

/**
 * By the first digits of the PackageID, so that one changed update leaves the other groups as they are: about 8 to 250 updates
 * each up to 65,535. Smaller groups would be packed faster and larger, as deflate begins anew with each.
 */
function groupsOf(documents: readonly CatalogDocument[]): readonly (readonly CatalogDocument[])[] {
  const digits = documents.length < 64 ? 0 : documents.length < 1024 ? 1 : 2;
  const groups = new Map<string, CatalogDocument[]>();
  for (const document of documents) {
    const prefix = document.name.slice(DOCUMENTS.length, DOCUMENTS.length + digits);
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [document]);
    else group.push(document);
  }
  return [...groups.values()];
}

/** PackageID to CreationDate, character for character: how an agent finds what is new (configmgr-catalog 1.4). */
function manifest(items: readonly CatalogItem[]): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(({ update, revision }) => [update.packageId, revision.creationDate]));
}

function certificates(items: readonly CatalogItem[], modified: string): readonly CabinetMember[] {
  const byThumbprint = new Map(
    items.flatMap(({ contentCertificate: one }) =>
      one === null ? [] : [[one.thumbprint, one.der] as const],
    ),
  );
  return [...byThumbprint]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([thumbprint, bytes]) => ({
      name: `ContentCertificates\\${thumbprint}.cer`,
      modified,
      content: { bytes },
    }));
}

function maxText(a: string, b: string): string {
  return a > b ? a : b;
}

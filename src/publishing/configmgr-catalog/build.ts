import type { CabinetMember } from '../../core/ports.js';
import { categoriesOf } from './categories.js';
import type { CatalogEntry } from './entry.js';
import { writeRootXml } from './root-xml.js';

export interface CatalogOptions {
  readonly siteId: string;
  /** The base name of the cabinet, and of the XML in it. */
  readonly catalog: { readonly name: string };
}

/**
 * The members of a v3 catalog that v2 and v1 readers take as well (configmgr-catalog 1.1), in the order of real ones. Names,
 * order and times come from the updates alone: the same updates give the same bytes.
 */
export function buildCatalog(entries: readonly CatalogEntry[], options: CatalogOptions): CabinetMember[] {
  const sorted = [...entries].sort((a, b) => (a.update.packageId < b.update.packageId ? -1 : 1));
  const newest = sorted.reduce((latest, { revision }) => maxText(latest, revision.creationDate), '');
  const text = (name: string, content: string): CabinetMember => ({
    name,
    modified: newest,
    content: { bytes: Buffer.from(content, 'utf8') },
  });
  const categories = categoriesOf(options.siteId, sorted);
  return [
    text(`${options.catalog.name}.xml`, writeRootXml(sorted.map(({ document }) => document))),
    ...certificates(sorted, newest),
    ...sorted.map(({ update, revision, sdp }) => ({
      name: `V2\\${update.packageId}.sdp`,
      modified: revision.creationDate,
      content: { bytes: sdp },
    })),
    text('V2\\update_manifest.json', manifest(sorted)),
    ...categories.map((category) => text(`V3\\${category.Id}.json`, JSON.stringify(category))),
    text('V3\\update_categories.json', JSON.stringify(categories.map(({ Id }) => Id))),
  ];
}

/** PackageID to CreationDate, character for character: how an agent finds what is new (configmgr-catalog 1.4). */
function manifest(entries: readonly CatalogEntry[]): string {
  return JSON.stringify(
    Object.fromEntries(entries.map(({ update, revision }) => [update.packageId, revision.creationDate])),
  );
}

function certificates(entries: readonly CatalogEntry[], modified: string): readonly CabinetMember[] {
  const byThumbprint = new Map(entries.map((entry) => [entry.contentCertificate.thumbprint, entry]));
  return [...byThumbprint.keys()].sort().map((thumbprint) => ({
    name: `ContentCertificates\\${thumbprint}.cer`,
    modified,
    content: { bytes: byThumbprint.get(thumbprint)?.contentCertificate.der ?? Buffer.alloc(0) },
  }));
}

function maxText(a: string, b: string): string {
  return a > b ? a : b;
}

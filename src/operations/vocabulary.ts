import type { ImportedPackage, PackageEdits } from '../core/imported.js';
import { gaugeVocabulary, type UpdateNames, type VocabularyGauge } from '../core/vocabulary.js';
import type { OperationsDeps } from './deps.js';

type Gauge = () => Promise<VocabularyGauge>;

/**
 * The names that our catalog and the imported ones bring to an update server. The packages of an import are many and
 * seldom change, so they are read again only after an import or an edit.
 */
export function createVocabularyGauge({ ledger, catalog }: OperationsDeps): Gauge {
  let known: { readonly mark: string; readonly gauge: VocabularyGauge } | null = null;
  const ours =
    catalog === undefined
      ? []
      : [{ name: catalog.name, updates: [{ vendor: catalog.vendorName, products: [catalog.productName] }] }];
  return async () => {
    const [imports, edits] = await Promise.all([ledger.importedCatalogs(), ledger.packageEdits()]);
    const mark = JSON.stringify([
      imports.map(({ source, importedAt }) => [source, importedAt]),
      edits.map(({ packageId, editedAt }) => [packageId, editedAt]),
    ]);
    if (known?.mark === mark) return known.gauge;
    const editsOf = new Map(edits.map((one) => [one.packageId, one]));
    const theirs: { name: string; updates: readonly UpdateNames[] }[] = [];
    for (const { source } of imports) {
      const packages = await ledger.importedPackages(source);
      theirs.push({
        name: source,
        updates: packages.flatMap((one) => namesOf(one, editsOf.get(one.packageId))),
      });
    }
    known = { mark, gauge: gaugeVocabulary([...ours, ...theirs]) };
    return known.gauge;
  };
}

/** As it is exported: with the administrator's names, and not what is hidden or withdrawn. */
function namesOf(one: ImportedPackage, edits: PackageEdits | undefined): readonly UpdateNames[] {
  if (one.state === 'withdrawn' || edits?.hidden === true) return [];
  return [{ vendor: edits?.vendor ?? one.vendor, products: [edits?.product ?? one.product] }];
}

import type { ByteSource } from '../../../core/bytes.js';
import { type Vocabulary, vocabularyOf } from '../../../core/vocabulary.js';
import { categoryFindings } from './category-checks.js';
import { containerFindings } from './container.js';
import { type CatalogContents, type ReadOptions, readCatalog } from './contents.js';
import { crossFindings } from './cross-checks.js';
import type { CatalogFinding } from './finding.js';
import { vocabularyFindings } from './vocabulary.js';

export { type CatalogContents, readCatalog } from './contents.js';
export { type CatalogFinding, type FindingLevel, finding } from './finding.js';
export type { PackageFacts } from './package-facts.js';
export type { Section } from './sections.js';

export interface CatalogReport {
  readonly generation: 'v1' | 'v2' | 'v3';
  readonly packages: number;
  readonly documents: number;
  readonly categories: number;
  readonly certificates: number;
  readonly vocabulary: Vocabulary;
  readonly findings: readonly CatalogFinding[];
}

/**
 * The acceptance checklist (configmgr-catalog 7) on a catalog of any vendor: cabinet or root XML. Who signed it is not
 * asked here. PermanentError `cabinet.malformed`, `cabinet.unsupported`, `payload.invalid` as `readCatalog`.
 */
export function verifyCatalog(source: ByteSource, options: ReadOptions = {}): CatalogReport {
  const contents = readCatalog(source, options);
  const vocabulary = vocabularyOf(contents.root);
  return {
    generation: generationOf(contents),
    packages: contents.root.length,
    documents: contents.documents.size,
    categories: contents.categories.size,
    certificates: contents.certificates.length,
    vocabulary,
    findings: [
      ...containerFindings(source),
      ...contents.findings,
      ...crossFindings(contents),
      ...categoryFindings(contents),
      ...vocabularyFindings(vocabulary),
    ],
  };
}

function generationOf({ categories, categoryIndex, documents, manifest }: CatalogContents) {
  if (categories.size > 0 || categoryIndex !== null) return 'v3';
  return documents.size > 0 || manifest !== null ? 'v2' : 'v1';
}

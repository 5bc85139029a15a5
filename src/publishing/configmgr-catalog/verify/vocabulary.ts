import { VOCABULARY_LIMITS, type Vocabulary } from '../../../core/vocabulary.js';
import { type CatalogFinding, finding } from './finding.js';

export function vocabularyFindings(found: Vocabulary): readonly CatalogFinding[] {
  return (['vendors', 'products'] as const)
    .filter((kind) => found[kind] > VOCABULARY_LIMITS[kind])
    .map((kind) =>
      finding('vocabulary', `${kind} in WSUS`, {
        level: 'note',
        expected: `at most ${VOCABULARY_LIMITS[kind]}; finer names belong to V3 categories`,
        found: String(found[kind]),
      }),
    );
}

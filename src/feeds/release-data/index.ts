import { jsonOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** What endoflife.date collects of a product: `{"versions": {"1.2": {"name": "1.2", "date": "2024-01-31"}}}`. */
export const releaseData = createDocumentReader({
  type: 'release-data',
  accept: 'application/json',
  decode: jsonOf,
  usualPath: '$.versions.*',
  usualOrder: 'date',
});

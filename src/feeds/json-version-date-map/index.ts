import { jsonOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** Versions as the names of dates: `{"1.2": "2024-01-31"}`. */
export const jsonVersionDateMap = createDocumentReader({
  type: 'json-version-date-map',
  accept: 'application/json',
  decode: jsonOf,
  usualPath: '$.*~',
  usualOrder: 'date',
});

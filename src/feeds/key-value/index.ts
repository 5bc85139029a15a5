import { keyValuesOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** The version under a key of a text with one `key: value` or `key = value` on a line. */
export const keyValue = createDocumentReader({
  type: 'key-value',
  accept: 'text/plain, */*;q=0.1',
  decode: keyValuesOf,
});
